/** Talks to a lab's supervisor: a request is a line, its answer a line of JSON, in order (native/lab/protocol.h). */
import type { Readable, Writable } from 'node:stream'
import { z } from 'zod'

const ErrorAnswer = z.object({
  error: z.object({ call: z.string(), errno: z.number().int(), name: z.string(), at: z.string() }),
})

/** What the program could not do: the system call (or the verb, for an invalid request) and the kernel's answer. */
export class ProgramError extends Error {
  readonly call: string
  /** "EADDRINUSE". */
  readonly errno: string
  /** Where: "member 3", or a key of the request. */
  readonly at: string

  constructor({ call, name, at }: z.infer<typeof ErrorAnswer>['error']) {
    super(`${name} (${call}${at === '' ? '' : `, ${at}`})`)
    this.name = 'ProgramError'
    this.call = call
    this.errno = name
    this.at = at
  }
}

/** The other side has closed the connection. */
export class ProgramEnded extends Error {
  constructor(cause?: unknown) {
    super('the lab has ended', { cause })
    this.name = 'ProgramEnded'
  }
}

/** In characters, longer than any answer: a status with 8,192 members and as many workers is 2 MB. */
export const MAX_ANSWER = 4 << 20

type Waiting = { take: (answer: unknown) => void; fail: (error: Error) => void }

export class LabConnection {
  /** Resolves when no more answers will come. */
  readonly ended: Promise<void>
  readonly #output: Writable
  readonly #waiting: Waiting[] = []
  #ended: ProgramEnded | null = null
  #unread = ''

  constructor(input: Readable, output: Writable) {
    this.#output = output
    this.ended = new Promise((resolve) => {
      const end = (cause?: unknown) => {
        this.#ended ??= new ProgramEnded(cause)
        for (const { fail } of this.#waiting.splice(0)) fail(this.#ended)
        resolve()
      }
      input.setEncoding('utf8')
      input.on('data', (text: string) => {
        if (this.#ended === null && this.#read(text)) return
        end(new Error('an answer without a request, or without an end'))
        input.destroy()
      })
      input.on('close', () => end())
      input.on('end', () => end())
      input.on('error', end)
      // A write to a program that was killed fails here; the end of its output shows that it is gone.
      output.on('error', end)
    })
  }

  /** The program's answer. Rejects with ProgramError where it refuses or fails, with ProgramEnded where it has ended. */
  ask(request: string): Promise<unknown> {
    if (this.#ended !== null) return Promise.reject(this.#ended)
    return new Promise((take, fail) => {
      this.#waiting.push({ take, fail })
      this.#output.write(`${request}\n`)
    })
  }

  /** Closes the connection. The supervisor ends its lab if this was its standard input. */
  end(): void {
    this.#output.end()
  }

  /** Handles received data. False for an invalid answer: longer than any, or without a request. */
  #read(text: string): boolean {
    const lines = text.split('\n')
    const last = lines.pop() ?? ''
    for (const line of lines) {
      const waiting = this.#waiting.shift()
      if (waiting === undefined) return false
      this.#take(this.#unread + line, waiting)
      this.#unread = ''
    }
    this.#unread += last
    return this.#unread.length <= MAX_ANSWER
  }

  #take(line: string, waiting: Waiting): void {
    try {
      const answer: unknown = JSON.parse(line)
      const refused = ErrorAnswer.safeParse(answer)
      if (refused.success) waiting.fail(new ProgramError(refused.data.error))
      else waiting.take(answer)
    } catch (error) {
      waiting.fail(new Error('the lab answered with invalid JSON', { cause: error }))
    }
  }
}

/** A request as a line: keys that are undefined or null are left out. */
export function requestLine(verb: string, values: Readonly<Record<string, RequestValue>> = {}): string {
  const words = Object.entries(values).flatMap(([key, value]) => {
    if (value === null || value === undefined) return []
    const text = typeof value === 'boolean' ? (value ? '1' : '0') : String(value)
    // A value is one word; anything else would start another key.
    if (!/^[^\s]+$/.test(text)) throw new Error(`${key} must be one word, but is ${JSON.stringify(text)}`)
    return [`${key}=${text}`]
  })
  return [verb, ...words].join(' ')
}
export type RequestValue = string | number | boolean | null | undefined
