/** The near end of an engine in another process, here or on another machine: its contract over a byte stream. */
import type { Readable, Writable } from 'node:stream'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { ResponseValidationPlugin } from '@orpc/contract/plugins'
import { z } from 'zod'
import { type Contract, contract } from '../../contract/contract.ts'
import type { Greeting } from './greeting.ts'
import { Link, type LinkOptions, type Pulse, SILENCE_MS } from './link.ts'
import { connectionLost } from './unreachable.ts'

/** A snapshot of a million sockets is 250 MB; of a hundred thousand, 25 MB. */
const MAX_ANSWER = 256 << 20
/** Far more than all requests that may be pending. */
const MAX_UNSENT = 64 << 20

export class FarEngine {
  readonly greeting: Greeting
  /** Called when a ping was answered, every few seconds. */
  onPulse: (pulse: Pulse) => void = () => {}
  readonly #link: Link

  /** On streams whose greeting was read (greeting.ts). `limits` are for tests. */
  constructor(
    greeting: Greeting,
    input: Readable,
    output: Writable,
    limits: Partial<Pick<LinkOptions, 'silenceMs' | 'messageBytes'>> = {},
  ) {
    this.greeting = greeting
    this.#link = new Link(input, output, {
      end: 'near',
      silenceMs: SILENCE_MS,
      messageBytes: MAX_ANSWER,
      unsentBytes: MAX_UNSENT,
      onPulse: (pulse) => this.onPulse(pulse),
      ...limits,
    })
  }

  /** Resolves to why the connection ended, as the end of a sentence. */
  get ended(): Promise<string> {
    return this.#link.ended
  }

  /**
   * The contract, on a channel of its own. Answers are validated, because a host may lie: one that is not of the contract
   * rejects. Where the connection is lost, what is pending rejects with Unreachable.
   */
  client(): ContractRouterClient<Contract> {
    const link = this.#link
    const channel = link.open()
    const port: MessagePortOfChannel = {
      on(type, listener) {
        if (type === 'close') channel.onClose = () => listener()
        if (type === 'message')
          channel.onMessage = (text) => {
            const answer = parseAnswer(text)
            if (answer === null) link.end('the other end sent what is not an answer')
            else listener({ data: answer })
          }
      },
      postMessage: (message) => {
        if (typeof message === 'string') channel.send(message)
      },
    }
    return createORPCClient(
      new RPCLink({
        port,
        plugins: [new ResponseValidationPlugin(contract)],
        interceptors: [
          async ({ next }) => {
            if (link.reason !== null) throw connectionLost(link.reason)
            try {
              return await next()
            } catch (error) {
              throw link.reason === null ? error : connectionLost(link.reason)
            }
          },
        ],
      }),
    )
  }

  /** Ends the engine at the other end, and everything that it started. */
  end(): void {
    this.#link.end('it is no longer needed')
  }
}

/** What oRPC uses of a port of Electron's kind. */
type MessagePortOfChannel = {
  on(type: string, listener: (event?: { data: unknown }) => void): void
  postMessage(message: unknown): void
}

/**
 * An answer as our router's transport sends it: without headers, which could make oRPC read the body as a file or a
 * stream.
 */
const Answer = z.strictObject({
  i: z.union([z.string(), z.number()]),
  p: z.strictObject({ s: z.number().int().optional(), b: z.unknown().optional() }),
})

/** Parsed once, here: oRPC takes an object too. */
function parseAnswer(text: string): object | null {
  try {
    return Answer.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
