/** Starts an engine through a carrier, and connects to it. */
import { randomBytes } from 'node:crypto'
import { linkedAbort } from '../../contract/linked-abort.ts'
import { contractHash } from '../wire/contract-hash.ts'
import { FarEngine } from '../wire/far-engine.ts'
import { Greeting, nextMarkedLine } from '../wire/greeting.ts'
import { bootstrapScript } from './bootstrap.ts'
import type { Carrier } from './carrier.ts'
import { CarrierProcess } from './carrier-process.ts'
import { tooLate, whyNoGreeting, whyNotThisOne } from './why-not-connected.ts'

/** For all of it, with a person who types a password. */
const CONNECT_MS = 120_000

export type StartedEngine = {
  readonly engine: FarEngine
  /** Ends the engine and the carrier's command; resolves when the command has ended. */
  close(): Promise<void>
}

/**
 * Rejects with Unreachable, or with the reason of `signal`. Nothing is tried again, because a host may lock out a
 * client that fails too often. ssh asks its questions itself, on the terminal or through SSH_ASKPASS.
 */
export async function startFarEngine(
  carrier: Carrier,
  signal: AbortSignal,
  timeoutMs = CONNECT_MS,
): Promise<StartedEngine> {
  signal.throwIfAborted()
  const command = new CarrierProcess(carrier)
  const limit = linkedAbort([signal], timeoutMs)
  limit.signal.addEventListener('abort', () => command.kill(), { once: true })
  try {
    const greeting = await greet(carrier, command)
    const engine = new FarEngine(greeting, command.output, command.input)
    return {
      engine,
      close: () => {
        engine.end()
        return command.end()
      },
    }
  } catch (error) {
    await command.end()
    signal.throwIfAborted()
    throw limit.signal.aborted ? tooLate(carrier, command, timeoutMs) : error
  } finally {
    limit.release()
  }
}

/** The greeting of an engine with our contract. Throws Unreachable. */
async function greet(carrier: Carrier, command: CarrierProcess): Promise<Greeting> {
  const marker = randomBytes(16).toString('hex')
  const contract = contractHash()
  command.input.write(bootstrapScript({ marker, contract }))
  const line = await nextMarkedLine(command.output, marker)
  const greeting = Greeting.safeParse(line.message).data
  if (greeting === undefined) throw await whyNoGreeting(line, carrier, command)
  const unfit = whyNotThisOne(greeting, contract, carrier)
  if (unfit !== null) throw unfit
  return greeting
}
