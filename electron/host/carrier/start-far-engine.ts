/** Starts an engine through a carrier, and connects to it. */
import { randomBytes } from 'node:crypto'
import { contractHash } from '../wire/contract-hash.ts'
import { FarEngine } from '../wire/far-engine.ts'
import { Greeting, nextMarkedLine } from '../wire/greeting.ts'
import { BootstrapRequest, BootstrapStep, bootstrapScript } from './bootstrap.ts'
import type { Carrier } from './carrier.ts'
import { CarrierProcess } from './carrier-process.ts'
import { contentFor, ownProgram, sendContent } from './own-program.ts'
import { tooLate, whyNoGreeting, whyNotThisOne } from './why-not-connected.ts'

/** For all of it, with a person who types a password; while this program is sent, for each piece of it. */
const CONNECT_MS = 120_000

export type StartedEngine = {
  readonly engine: FarEngine
  /** What the carrier's command printed to standard error, in one line. */
  messages(): string
  /** Ends the engine and the carrier's command; resolves when the command has ended. */
  close(): Promise<void>
}

/** How far it is. `send`, bytes of all, only where the other end does not have this version yet. */
export type StartStep = BootstrapStep | { readonly step: 'send'; readonly bytes: number; readonly of: number }

export type StartOptions = {
  readonly signal: AbortSignal
  readonly onStep?: (step: StartStep) => void
  readonly timeoutMs?: number
  /** Of the carrier's command, which then has no terminal: where ssh must not ask there. */
  readonly environment?: NodeJS.ProcessEnv
}

/**
 * Rejects with Unreachable, or with the reason of `signal`. Nothing is tried again, because a host may lock out a
 * client that fails too often. ssh asks its questions itself, on the terminal or through SSH_ASKPASS.
 */
export async function startFarEngine(carrier: Carrier, options: StartOptions): Promise<StartedEngine> {
  const { signal, timeoutMs = CONNECT_MS, environment, onStep = () => {} } = options
  signal.throwIfAborted()
  const marker = randomBytes(16).toString('hex')
  const command = new CarrierProcess(carrier, environment, carrier.isEngine ? [marker] : [])
  let late = false
  const limit = setTimeout(() => {
    late = true
    command.kill()
  }, timeoutMs)
  const kill = () => command.kill()
  signal.addEventListener('abort', kill, { once: true })
  try {
    const greeting = await greet(carrier, command, marker, limit, onStep)
    const engine = new FarEngine(greeting, command.output, command.input)
    return {
      engine,
      messages: () => command.messages,
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
  marker: string,
  limit: NodeJS.Timeout,
  onStep: (step: StartStep) => void,
): Promise<Greeting> {
  const contract = contractHash()
  const program = carrier.isEngine ? null : ownProgram()
  if (!carrier.isEngine)
    command.input.write(bootstrapScript({ marker, contract, program, viewOnly: carrier.viewOnly === true }))
  const sent = new Set<string>()
  let line = await nextMarkedLine(command.output, marker)
  for (; ; line = await nextMarkedLine(command.output, marker)) {
    const step = BootstrapStep.safeParse(line.message).data
    const need = BootstrapRequest.safeParse(line.message).data?.need
    if (step !== undefined) onStep(step)
    else if (program !== null && need !== undefined && !sent.has(need)) {
      const content = contentFor(program, need)
      if (content === null) break
      sent.add(need)
      let bytes = 0
      const report = (more: number) => {
        bytes += more
        limit.refresh()
        if (need === 'program') onStep({ step: 'send', bytes, of: program.bytes })
      }
      report(0)
      // The other end may refuse it before it has all of it, so the answer is read meanwhile.
      sendContent(content, command.input, report).catch(() => command.kill())
    } else break
  }
  const greeting = Greeting.safeParse(line.message).data
  if (greeting === undefined) throw await whyNoGreeting(line, carrier, command)
  const unfit = whyNotThisOne(greeting, contract, carrier)
  if (unfit !== null) throw unfit
  return greeting
}
