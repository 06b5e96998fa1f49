/** Hostile files, and signals to end: neither blocks the program nor its other work. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { aGroup, aSnapshot } from '../doubles/snapshots.ts'
import { eventually } from './support/conditions.ts'
import { root } from './support/engine.ts'
import { inspect } from './support/process-usage.ts'
import { startServed, upload } from './support/serve-client.ts'
import { runTerminal } from './support/terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'rpi-attack-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)

const empty = JSON.stringify(aSnapshot({ groups: [] }))
/** The start of a snapshot, up to its first group. */
const head = empty.slice(0, empty.indexOf('"groups":[') + '"groups":['.length)
const tail = '],"findings":[]}\n'
/** Groups without members, each with a different id. */
const groups = (count: number) =>
  Array.from({ length: count }, (_, at) =>
    JSON.stringify(aGroup({ id: at.toString(16).padStart(16, '0'), members: [] })),
  )
const recordingHead =
  '{"schema":"reuseport-inspector/recording/1","startedAt":"2026-11-29T13:20:00.120Z","intervalMs":1000}\n'
const emptyFrame = '{"takenAt":"2026-11-29T13:20:00.120Z","durationMs":1,"removed":[],"added":[],"changed":[]}\n'

/** Ten million groups that are numbers, in 20 kB. */
const numbers = gzipSync(`${head}${'1,'.repeat(10_000_000)}1${tail}`)
/** 50,000 snapshots of 20,000 unchanged groups, in 100 kB. */
const nothingNew = gzipSync(`${recordingHead}${head}${groups(20_000).join()}${tail}${emptyFrame.repeat(49_999)}`)

describe('sent by a page', () => {
  test('ten million wrong groups are refused at the first, and the engine continues', async () => {
    await using served = await startServed()
    await expect(upload(served.client, 'numbers.json.gz', numbers)).rejects.toMatchObject({
      data: { cause: expect.stringMatching(/groups\[0\]: expected object, received number/) },
    })
    expect(await served.client.snapshots.list()).toEqual([])
    expect((await served.client.sampling.refresh()).problem).toBeNull()
  })

  test('50,000 snapshots without changes are opened, and the last is available at once', async () => {
    await using served = await startServed()
    const kept = await upload(served.client, 'nothing.ndjson.gz', nothingNew)
    expect(kept).toMatchObject({ kind: 'recording', problem: null })
    const timeline = await served.client.snapshots.timeline({ id: kept?.id ?? '' })
    expect([timeline.takenAt.length, timeline.events, timeline.problem]).toEqual([50_000, [], null])
    const of = `${kept?.id}#49999`
    expect((await served.client.groups.changes({ snapshot: of, all: true })).rows).toHaveLength(200)
    const compared = await served.client.snapshots.compare({ before: `${kept?.id}#0`, after: of })
    expect(compared.comparison).toMatchObject({ groups: [], unchanged: 20_000 })
  })

  test('while a file is read, other requests are answered and signals handled', async () => {
    // Large enough to be interrupted in the middle, on a machine of any speed: it is not waited for.
    await using served = await startServed({ 'large.json.gz': `${head}${groups(150_000).join()}${tail}` })
    const reading = served.client.groups.changes({ snapshot: 'saved/large.json.gz', all: true }).then(
      () => 'read',
      () => 'not read',
    )
    expect((await served.client.sampling.refresh()).problem).toBeNull()
    served.child.kill('SIGTERM')
    expect(await served.ended).toBe(0)
    expect(await reading).toBe('not read')
  })
})

test.each([
  ['numbers.json.gz', numbers, /groups\[0\]: expected object, received number/],
  ['commas.json', Buffer.alloc(495_000_000, '1,'), /not a Reuseport Inspector file/],
])('%s in the terminal', async (name, bytes, words) => {
  writeFileSync(at(name), bytes)
  for (const args of [
    ['show', at(name)],
    ['diff', at(name), 'now'],
    ['export', at(name), '--format', 'csv'],
  ]) {
    expect(await runTerminal(args)).toMatchObject({ status: 3, out: '', messages: expect.stringMatching(words) })
  }
  rmSync(at(name))
})

describe('a signal to end', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s: serve, whose thread is blocked forever', async (signal) => {
    await using served = await startServed({}, { node: ['--inspect=127.0.0.1:0'] })
    await using inspected = await inspect(served.messages())
    inspected.holdUp()
    await eventually('it is blocked', () => served.messages().includes('held up'))
    served.child.kill(signal)
    expect(await served.ended).toBe(0)
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('%s: a command, whose thread is blocked forever', async (signal) => {
    const cli = join(root, 'dist/node/cli.cjs')
    const child = spawn(process.execPath, ['--inspect=127.0.0.1:0', cli, 'findings', '--for', '600'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let messages = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      messages += text
    })
    const ended = once(child, 'close')
    try {
      await eventually('it can be inspected', () => /ws:\S+\n/.test(messages))
      await using inspected = await inspect(messages)
      inspected.holdUp()
      await eventually('it is blocked', () => messages.includes('held up'))
      child.kill(signal)
      expect(await ended).toEqual([3, null])
    } finally {
      child.kill('SIGKILL')
    }
  })

  /** Starts a command whose standard input stays open; resolves when it has read some of it. */
  async function reading(args: readonly string[], text: string) {
    const child = spawn(process.execPath, [join(root, 'dist/node/cli.cjs'), ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    child.stdout.resume()
    child.stderr.resume()
    child.stdin.on('error', () => undefined)
    const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
      child.once('close', (...how) => resolve(how)),
    )
    // More than a pipe holds (64 KiB): once written, some was read.
    await new Promise<void>((resolve) => child.stdin.write(text, () => resolve()))
    return { child, ended }
  }
  const some = groups(300).join()
  const [snapshot, recording] = [`${head}${some}`, `${recordingHead}${head}${some}${tail}`]

  const ways = [
    ['show', ['show', '-'], snapshot],
    ['diff', ['diff', '-', 'now'], snapshot],
    ['export to standard output', ['export', '-', '--format', 'html'], snapshot],
    ['export to a file', ['export', '-', '--output', at('out.html')], snapshot],
    ['play', ['play', '-', '--text'], recording],
    ['play as JSON', ['play', '-', '--json'], recording],
  ] as const
  describe.each(['SIGTERM', 'SIGINT'] as const)('by %s', (signal) => {
    test.each(ways)('%s, when the rest of the file does not arrive', async (_, args, text) => {
      const { child, ended } = await reading(args, text)
      child.kill(signal)
      const [status, by] = await ended
      expect(status !== 0 || by === signal).toBe(true)
    })

    test.each(ways)('%s, when the file never ends', async (_, args, text) => {
      const { child, ended } = await reading(args, text)
      const more = args[0] === 'play' ? emptyFrame.repeat(100) : ' '.repeat(1 << 20)
      let written = 0
      const write = () => {
        if (!child.stdin.writable) return
        child.stdin.write(more, () => {
          written++
          if (written === 3) child.kill(signal)
          write()
        })
      }
      write()
      const [status, by] = await ended
      expect(status !== 0 || by === signal).toBe(true)
    })

    test.each([
      ['serve', ['serve', '--port', '0', '--json'], /"url"/],
      ['watch', ['watch', '--json', '--interval', '1s'], /snapshot/],
      ['record', ['record', at('r.ndjson'), '--force', '--interval', '10s'], null],
      ['findings', ['findings', '--for', '10m'], null],
    ] as const)('%s', async (_, args, sign) => {
      const child = spawn(process.execPath, [join(root, 'dist/node/cli.cjs'), ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let out = ''
      const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
      const started = new Promise<void>((resolve) => {
        child.stdout.on('data', (text) => {
          out += text
          if (sign?.test(out)) resolve()
        })
        // It prints nothing: either it has a handler by then, or the system ends it.
        if (sign === null) child.once('spawn', resolve)
      })
      await started
      child.kill(signal)
      await ended
      expect(child.exitCode !== null || child.signalCode === signal).toBe(true)
    })
  })
})
