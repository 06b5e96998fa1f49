/** `/metrics`: metrics of this machine for Prometheus. */

import { constants } from 'node:fs'
import { type FileHandle, open as openFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Engine, reasonOf, WATCHED_FRAME } from '../../engine/index.ts'
import {
  type HookCalls,
  hookMetrics,
  METRICS_LIMITS,
  PROMETHEUS_TYPE,
  prometheus,
} from '../../engine/snapshots/index.ts'
import { hasBearer } from './admission.ts'

export type MetricsEndpoint = {
  /** Token for scrapes; null: the page's token. */
  readonly token: string | null
  /** Reads the machine and returns the metrics as text. */
  readonly text: () => Promise<string>
}

/** Delay before following findings again after a failure. */
const RETRY_MS = 5000

/** Shorter tokens can be guessed. */
const MIN_TOKEN_CHARACTERS = 16
/** Longer tokens do not fit in a header. */
const MAX_TOKEN_CHARACTERS = 8192

/**
 * One read at a time: concurrent scrapes get the same answer. Between scrapes the stream of findings is followed, so
 * that short-lived findings and members are counted; `signal` ends that. The calls of `hooks` are among the metrics.
 */
export function scrapes(
  engine: Pick<Engine, 'parts' | 'client' | 'recordMetrics'>,
  signal: AbortSignal,
  hooks: readonly HookCalls[] = [],
): MetricsEndpoint['text'] {
  const history = engine.recordMetrics()
  void follow(engine.client, history, signal)
  let running: Promise<string> | null = null
  const read = async (): Promise<string> => {
    const pieces: string[] = []
    const parts = engine.parts({ selection: { all: false }, frame: WATCHED_FRAME })
    for await (const piece of prometheus(parts, METRICS_LIMITS, history)) pieces.push(piece)
    pieces.push(hookMetrics(hooks))
    return pieces.join('')
  }
  return () => {
    running ??= read().finally(() => {
      running = null
    })
    return running
  }
}

async function follow(
  client: Engine['client'],
  history: ReturnType<Engine['recordMetrics']>,
  signal: AbortSignal,
): Promise<void> {
  let after: string | undefined
  while (!signal.aborted) {
    try {
      const change = await client.findings.changes({ after }, { signal })
      history.take(change)
      after = change.cursor
    } catch {
      // Retried later; a scrape reports the error.
      await sleep(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }
}

/** Answers one scrape. Without the right token nothing is read; with it, `admit` is called. */
export async function answerScrape(
  endpoint: MetricsEndpoint,
  pageToken: string,
  request: IncomingMessage,
  response: ServerResponse,
  admit: () => void,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return end(response, 405, 'Only GET and HEAD are allowed.\n')
  }
  if (!hasBearer(request.headers.authorization, endpoint.token ?? pageToken)) {
    response.setHeader('www-authenticate', 'Bearer realm="metrics"')
    return end(response, 401, 'Missing or wrong token. Send it as Authorization: Bearer TOKEN.\n')
  }
  admit()
  try {
    const text = await endpoint.text()
    end(response, 200, request.method === 'HEAD' ? '' : text, PROMETHEUS_TYPE)
  } catch (error) {
    end(response, 503, `Cannot read the sockets: ${error instanceof Error ? error.message : String(error)}\n`)
  }
}

/**
 * The token in a file or pipe, trimmed. Throws, with what to do, where it is not a valid token, or where users other
 * than the file's owner and group can read it.
 */
export async function readToken(path: string): Promise<string> {
  let token: string
  let open: boolean
  try {
    // Does not block on a FIFO without a writer: nothing could interrupt that.
    const file = await openFile(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const status = await file.stat()
      open = status.isFile() && (status.mode & 0o026) !== 0
      token = (await readText(file)).trim()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new Error(
      `Cannot read the token file ${path}: ${reasonOf(error).cause}. Pass a readable file to --metrics-token-file.`,
      { cause: error },
    )
  }
  if (open) {
    throw new Error(
      `The token file ${path} is readable by every user, or writable by users other than its owner. Run chmod 640 ${path}, and set its group to the one that scrapes.`,
    )
  }
  if (token.length < MIN_TOKEN_CHARACTERS || token.length > MAX_TOKEN_CHARACTERS || /\s/.test(token)) {
    throw new Error(
      `The token in ${path} must have ${MIN_TOKEN_CHARACTERS} to ${MAX_TOKEN_CHARACTERS} characters without spaces. \`openssl rand -hex 32 > ${path}\` creates one.`,
    )
  }
  return token
}

/** The text up to twice the maximum token length. */
async function readText(file: FileHandle): Promise<string> {
  const bytes = Buffer.alloc(2 * MAX_TOKEN_CHARACTERS)
  let length = 0
  while (length < bytes.length) {
    try {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length)
      if (bytesRead === 0) break
      length += bytesRead
    } catch (error) {
      // The writer of the pipe has not written yet.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      await sleep(20)
    }
  }
  return bytes.toString('utf8', 0, length)
}

function end(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}
