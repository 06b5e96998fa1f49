/**
 * `serve` while sockets open and close, unauthorized clients connect and readers do not read: its answers stay correct,
 * and its use of resources does not grow. Ten minutes with `npm run test:soak`, seconds in `npm test` (SOAK_MINUTES).
 *
 * The time is divided into periods. After each, the load is removed, garbage is collected, and the rest is measured:
 * the first period warms up, and the trend decides, not a single measurement.
 */
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { beforeEach, expect, test } from 'vitest'
import { aGroup, aSnapshot } from '../doubles/snapshots.ts'
import { TEST_MS } from '../support/timeouts.ts'
import { startCrowd } from './support/bad-clients.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { root } from './support/engine.ts'
import { makeNamespace } from './support/namespace.ts'
import { childrenOf, growth, inspect, median, residentBytes, usageOf } from './support/process-usage.ts'
import { type Served, startServed, upload } from './support/serve-client.ts'
import { startSocketMaker } from './support/socket-maker.ts'

beforeEach(needsRoot)

const MINUTES = Number(process.env.SOAK_MINUTES ?? 0.05)
/** Sockets that open, and close, per second. */
const RATE = 500
/** In a shorter run, code is still being compiled and caches fill. */
const JUDGED_MINUTES = 4
const PERIODS = MINUTES >= JUDGED_MINUTES ? Math.max(6, Math.round(MINUTES)) : 2

/**
 * Allowed growth over the whole run, by the trend: more than allocators and collectors vary. In ten minutes 300,000
 * sockets and 40,000 connections open and close: 64 bytes leaked for each would exceed it.
 */
const HEAP_ALLOWANCE = 2 << 20
const RESIDENT_ALLOWANCE = 24 << 20
/** Of the largest BPF reader, which has no collector. */
const READER_ALLOWANCE = 2 << 20

const corpus = join(root, 'test/unit/fuzz/corpus')
const snapshot = JSON.stringify(aSnapshot({ groups: [aGroup()] }))
/** Files as a page sends them, including ones that were once harmful. */
const files: readonly (readonly [name: string, bytes: Buffer])[] = [
  ...readdirSync(corpus).map((name) => [name, readFileSync(join(corpus, name))] as const),
  ['good.json', Buffer.from(snapshot)],
  ['twice.json.gz', Buffer.concat([gzipSync(snapshot), gzipSync(snapshot)])],
  ['numbers.json.gz', gzipSync(snapshot.replace('"groups":[', `"groups":[${'1,'.repeat(1_000_000)}`))],
  ['deep.json.gz', gzipSync('['.repeat(1_000_000))],
  ['zeros.json.gz', gzipSync(Buffer.alloc(50_000_000))],
]

/** However long it takes to connect, beside the crowd: fetch() gives up after ten seconds. */
async function scrapeMetrics(url: URL, token: string): Promise<{ status: number | undefined; text: string }> {
  const request = get(new URL('/metrics', url), { headers: { authorization: `Bearer ${token}` } })
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  return { status: answer.statusCode, text: await text(answer) }
}

/** A BPF reader ends when nobody has asked for a while. */
function bytesIfAlive(pid: number): number {
  try {
    return residentBytes(pid) || 0
  } catch {
    return 0
  }
}

/** Sends one file after the other until `signal` aborts; a bad one must be refused with a message. */
async function sendFiles({ client }: Served, signal: AbortSignal): Promise<number> {
  let sent = 0
  for (; !signal.aborted; sent++) {
    const [name, bytes] = files[sent % files.length] ?? ['', Buffer.alloc(0)]
    const kept = await upload(client, name, bytes).catch((error: { code?: string }) => {
      if (error.code !== 'UNPROCESSABLE_CONTENT') throw error
      return null
    })
    if (kept !== null) await client.snapshots.delete({ id: kept.id })
    await sleep(500, undefined, { signal }).catch(() => undefined)
  }
  return sent
}

test(`${MINUTES} minutes of churn, unauthorized clients, slow readers and hostile files`, {
  timeout: MINUTES * 60_000 + TEST_MS,
}, async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const known = await maker.openTogether({
    protocol: 'tcp',
    address: '127.0.0.1',
    options: ['reuseport'],
    count: 8,
  })
  const cookies = known.map(({ cookie }) => cookie).sort()
  const port = known[0]?.port ?? 0
  await using served = await startServed({}, { flags: ['--metrics'], node: ['--inspect=127.0.0.1:0'] })
  const { client, url, token, child } = served
  await using heap = await inspect(served.messages())
  const pid = child.pid ?? 0

  const wrong: string[] = []
  let looks = 0
  /** Whether a page and a scrape both show the known group correctly. */
  const look = async () => {
    looks++
    const { groups } = await client.snapshot({ selection: { netns: namespace.name, port }, owners: false })
    const seen = groups.flatMap(({ members }) => members.map(({ cookie }) => cookie)).sort()
    if (seen.join() !== cookies.join()) wrong.push(`look ${looks}: a page sees ${seen.length} members: ${seen}`)
    const scrape = await scrapeMetrics(url, token)
    const members = new RegExp(`^reuseport_group_members\\{group="${groups[0]?.id}"[^}]*\\} (\\d+)$`, 'm')
    const scraped = members.exec(scrape.text)?.[1]
    if (scraped !== '8') wrong.push(`look ${looks}: a scrape (${scrape.status}) sees ${scraped} members`)
  }

  // The BPF reader, where there is one.
  await look()
  const standing = usageOf(pid).children

  const lookUntil = async (signal: AbortSignal) => {
    for (; !signal.aborted; await sleep(200)) await look()
  }

  let opened = 0
  let came = 0
  let sent = 0
  let peak = 0
  const load = async (ms: number) => {
    const churn = await maker.churn({
      socket: { protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'] },
      rate: RATE,
      standing: 300,
    })
    const crowd = startCrowd(url, token)
    const stop = new AbortController()
    const busy = Promise.all([lookUntil(stop.signal), sendFiles(served, stop.signal)])
    const until = performance.now() + ms
    while (performance.now() < until) {
      await sleep(100)
      peak = Math.max(peak, residentBytes(pid))
    }
    stop.abort()
    await crowd.end()
    sent += (await busy)[1]
    came += crowd.came()
    opened += await churn.stop()
  }

  /** Resource use without load. */
  const calm = async (most: ReturnType<typeof usageOf> | null) => {
    const left = await eventually(`it has no more than ${JSON.stringify(most)}`, async () => {
      const first = usageOf(pid)
      await look()
      const { descriptors, threads, children } = usageOf(pid)
      const settled =
        most === null
          ? descriptors === first.descriptors && threads === first.threads
          : descriptors <= most.descriptors && threads <= most.threads
      return settled && children <= standing ? first : null
    })
    const heaps: number[] = []
    const residents: number[] = []
    const readers: number[] = []
    for (let sample = 0; sample < 5; sample++) {
      heaps.push(await heap.collected())
      residents.push(residentBytes(pid))
      readers.push(Math.max(0, ...childrenOf(pid).map(bytesIfAlive)))
      await look()
    }
    return { left, heap: median(heaps), resident: median(residents), reader: median(readers) }
  }

  const started = performance.now()
  const points: { minute: number; heap: number; resident: number; reader: number }[] = []
  let most: ReturnType<typeof usageOf> | null = null
  for (let period = 0; period < PERIODS; period++) {
    await load((MINUTES * 60_000) / PERIODS)
    const { left, ...bytes } = await calm(most)
    most ??= left
    points.push({ minute: (performance.now() - started) / 60_000, ...bytes })
  }

  const mib = (bytes: number) => Math.round((bytes / (1 << 20)) * 10) / 10
  const trend = (of: 'heap' | 'resident' | 'reader') =>
    growth(points.slice(1).map((point) => ({ at: point.minute, value: point[of] })))
  const table = points.map(({ minute, heap, resident, reader }) => ({
    minute: Math.round(minute * 10) / 10,
    'heap MiB': mib(heap),
    'resident MiB': mib(resident),
    'BPF reader MiB': mib(reader),
  }))
  const figures = `${opened} sockets, ${came} connections, ${sent} files, ${looks} looks; resident at most ${mib(peak)} MiB; ${JSON.stringify(usageOf(pid))} left\n${table.map((row) => JSON.stringify(row)).join('\n')}`
  console.log(figures)
  expect(wrong).toEqual([])
  // The soak is valid only if there was load.
  expect(opened).toBeGreaterThan(0)
  expect(came).toBeGreaterThan(0)
  if (MINUTES < JUDGED_MINUTES) return
  expect(mib(trend('heap')), figures).toBeLessThan(mib(HEAP_ALLOWANCE))
  expect(mib(trend('resident')), figures).toBeLessThan(mib(RESIDENT_ALLOWANCE))
  expect(mib(trend('reader')), figures).toBeLessThan(mib(READER_ALLOWANCE))
})
