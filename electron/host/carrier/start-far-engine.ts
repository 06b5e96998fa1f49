/** Starts an engine through a carrier, and connects to it. */
import { randomBytes } from 'node:crypto'
import { contractHash } from '../wire/contract-hash.ts'
import { FarEngine } from '../wire/far-engine.ts'
import { Greeting, nextMarkedLine } from '../wire/greeting.ts'
import { BootstrapRequest, bootstrapScript } from './bootstrap.ts'
import type { Carrier } from './carrier.ts'
import { CarrierProcess } from './carrier-process.ts'
import { type OwnProgram, ownProgram, sendProgram } from './own-program.ts'
import { tooLate, whyNoGreeting, whyNotThisOne } from './why-not-connected.ts'

/** For all of it, with a person who types a password; while this program is sent, for each piece of it. */
const CONNECT_MS = 120_000

export type StartedEngine = {
  readonly engine: FarEngine
  /** Ends the engine and the carrier's command; resolves when the command has ended. */
  close(): Promise<void>
}

export type StartOptions = {
  readonly signal: AbortSignal
  /** This program is sent to the other end, which takes a while, once for each version. */
  readonly onSend?: (program: OwnProgram) => void
  readonly timeoutMs?: number
}

/**
 * Rejects with Unreachable, or with the reason of `signal`. Nothing is tried again, because a host may lock out a
 * client that fails too often. ssh asks its questions itself, on the terminal or through SSH_ASKPASS.
 */
export async function startFarEngine(carrier: Carrier, options: StartOptions): Promise<StartedEngine> {
  const { signal, timeoutMs = CONNECT_MS } = options
  signal.throwIfAborted()
  const command = new CarrierProcess(carrier)
  let late = false
  const limit = setTimeout(() => {
    late = true
    command.kill()
  }, timeoutMs)
  const kill = () => command.kill()
  signal.addEventListener('abort', kill, { once: true })
  try {
    const greeting = await greet(carrier, command, limit, options.onSend)
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
    throw late ? tooLate(carrier, command, timeoutMs) : error
  } finally {
    clearTimeout(limit)
    signal.removeEventListener('abort', kill)
  }
}

/** The greeting of an engine with our contract. Throws Unreachable. */
async function greet(
  carrier: Carrier,
  command: CarrierProcess,
  limit: NodeJS.Timeout,
  onSend?: (program: OwnProgram) => void,
): Promise<Greeting> {
  const marker = randomBytes(16).toString('hex')
  const contract = contractHash()
  const program = ownProgram()
  command.input.write(bootstrapScript({ marker, contract, program }))
  let line = await nextMarkedLine(command.output, marker)
  if (program !== null && BootstrapRequest.safeParse(line.message).success) {
    onSend?.(program)
    // Not awaited: the other end may refuse it before it has all of it.
    sendProgram(program, command.input, () => limit.refresh()).catch(() => command.kill())
    line = await nextMarkedLine(command.output, marker)
  }
  const greeting = Greeting.safeParse(line.message).data
  if (greeting === undefined) throw await whyNoGreeting(line, carrier, command)
  const unfit = whyNotThisOne(greeting, contract, carrier)
  if (unfit !== null) throw unfit
  return greeting
}
