/** `/metrics`: the numbers of this machine for Prometheus. */
import { readFileSync, statSync } from 'node:fs'
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
 * The token in a file: its text without the spaces around. Throws with what to do where it is none, and where users that
 * are neither its owner nor of its group can read it.
 */
export function readToken(path: string): string {
  let token: string
  let open: boolean
  try {
    const status = statSync(path)
    open = status.isFile() && (status.mode & 0o026) !== 0
    token = readFileSync(path, 'utf8').trim()
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
  if (token.length < LEAST_TOKEN_CHARACTERS || /\s/.test(token)) {
    throw new Error(
      `The token in ${path} needs at least ${LEAST_TOKEN_CHARACTERS} characters and no space: \`openssl rand -hex 32 > ${path}\` makes one.`,
    )
  }
  return token
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
