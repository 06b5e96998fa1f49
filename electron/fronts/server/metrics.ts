/** `/metrics`: the numbers of this machine for Prometheus. */
import { constants } from 'node:fs'
import { type FileHandle, open as openFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from '../../engine/engine.ts'
import { METRICS_LIMITS, PROMETHEUS_TYPE, prometheus } from '../../engine/snapshots/exports/prometheus.ts'
import { MetricsHistory } from '../../engine/snapshots/metrics-history.ts'
import { hasBearer } from './admission.ts'

export type MetricsEndpoint = {
  /** What a scrape must carry; null: the token of the page. */
  readonly token: string | null
  /** Reads the machine and gives the text. */
  readonly text: () => Promise<string>
}

/** How long until findings are followed again after a failure. */
const RETRY_MS = 5000

/** Shorter ones can be tried out. */
const LEAST_TOKEN_CHARACTERS = 16
/** Longer ones fit into no header. */
const MAX_TOKEN_CHARACTERS = 8192

/**
 * One reading at a time, however many scrape: those that come meanwhile get the same answer. Between scrapes findings
 * are followed as a page follows them, so that one that comes and goes is counted, and members that do; `signal` ends that.
 */
export function scrapes(
  engine: Pick<Engine, 'parts' | 'client' | 'follow'>,
  signal: AbortSignal,
): MetricsEndpoint['text'] {
  const history = new MetricsHistory()
  engine.follow((picture) => history.observe(picture))
  void follow(engine.client, history, signal)
  let running: Promise<string> | null = null
  const read = async (): Promise<string> => {
    const pieces: string[] = []
    const parts = engine.parts({ selection: { all: false }, owners: 'due' })
    for await (const piece of prometheus(parts, METRICS_LIMITS, history)) pieces.push(piece)
    return pieces.join('')
  }
  return () => {
    running ??= read().finally(() => {
      running = null
    })
    return running
  }
}

async function follow(client: Engine['client'], history: MetricsHistory, signal: AbortSignal): Promise<void> {
  let after: string | undefined
  while (!signal.aborted) {
    try {
      const change = await client.findings.changes({ after }, { signal })
      history.take(change)
      after = change.position
    } catch {
      // Sockets that cannot be read now are looked for again; a scrape says what is wrong.
      await sleep(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }
}

/** Answers one scrape. Without the right token nothing is read; `admit` is called where it is right. */
export async function answerScrape(
  endpoint: MetricsEndpoint,
  pageToken: string,
  request: IncomingMessage,
  response: ServerResponse,
  admit: () => void,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return end(response, 405, 'Only GET is answered.\n')
  }
  if (!hasBearer(request.headers.authorization, endpoint.token ?? pageToken)) {
    response.setHeader('www-authenticate', 'Bearer realm="metrics"')
    return end(response, 401, 'A scrape must carry its token: Authorization: Bearer TOKEN.\n')
  }
  admit()
  try {
    const text = await endpoint.text()
    end(response, 200, request.method === 'HEAD' ? '' : text, PROMETHEUS_TYPE)
  } catch (error) {
    end(response, 503, `The sockets cannot be read: ${error instanceof Error ? error.message : String(error)}\n`)
  }
}

/**
 * The token in a file, or that a pipe gives: its text without the spaces around. Throws with what to do where it is none,
 * and where users that are neither its owner nor of its group can read it.
 */
export async function readToken(path: string): Promise<string> {
  let token: string
  let open: boolean
  try {
    // Without waiting for a writer where it is a FIFO: nothing could end that.
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
      `The token file ${path} cannot be read (${(error as NodeJS.ErrnoException).code}). Name one that this user may read with --metrics-token-file.`,
      { cause: error },
    )
  }
  if (open) {
    throw new Error(
      `The token file ${path} can be read by every user of this machine, or written by others than its owner. Keep them out: chmod 640 ${path}, with the group that scrapes.`,
    )
  }
  if (token.length < LEAST_TOKEN_CHARACTERS || token.length > MAX_TOKEN_CHARACTERS || /\s/.test(token)) {
    throw new Error(
      `The token in ${path} needs ${LEAST_TOKEN_CHARACTERS} to ${MAX_TOKEN_CHARACTERS} characters and no space: \`openssl rand -hex 32 > ${path}\` makes one.`,
    )
  }
  return token
}

/** The text to its end, or as far as a token may go and a little further. */
async function readText(file: FileHandle): Promise<string> {
  const bytes = Buffer.alloc(2 * MAX_TOKEN_CHARACTERS)
  let length = 0
  while (length < bytes.length) {
    try {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length)
      if (bytesRead === 0) break
      length += bytesRead
    } catch (error) {
      // Who writes to the pipe has not yet.
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
