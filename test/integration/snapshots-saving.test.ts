/** A snapshot of the real machine is saved completely or not at all, whatever happens meanwhile. */

import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SNAPSHOT_SCHEMA } from '../../electron/contract/constants.ts'
import { Snapshot } from '../../electron/contract/model.ts'
import { SINGLE_FRAME_WITHOUT_OWNERS } from '../../electron/engine/collect/frame-request.ts'
import { snapshotJson } from '../../electron/engine/snapshots/encode.ts'
import { writeWhole } from '../../electron/engine/snapshots/file.ts'
import { readSnapshot } from '../../electron/engine/snapshots/read.ts'
import { RecordingWriter } from '../../electron/engine/snapshots/recording-file.ts'
import { aGroup, aMember, aSnapshot } from '../doubles/snapshots.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { root, startTestEngine, type TestEngine } from './support/engine.ts'
import { makeNamespace } from './support/namespace.ts'
import { type SocketSpec, startSocketMaker } from './support/socket-maker.ts'
import { runTerminal, startTerminal } from './support/terminal.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rpi-saving-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)

/** Large enough to interrupt its writing: 10 MB. */
function large(hostname: string) {
  const members = Array.from({ length: 14_000 }, (_, cookie) => aMember({ cookie: String(cookie) }))
  return aSnapshot({
    host: { ...aSnapshot().host, hostname },
    groups: Array.from({ length: 14 }, (_, at) =>
      aGroup({ id: at.toString(16).padStart(16, '0'), members: members.slice(at * 1000, at * 1000 + 1000) }),
    ),
  })
}

describe('of this machine', () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startTestEngine()
  })
  afterAll(() => engine.close())

  test('has the existing sockets, uncompressed and compressed', async () => {
    await using maker = await startSocketMaker({ command: '<b>"=1+1' })
    const made = await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 3 })
    for (const name of ['a.json', 'a.json.gz']) {
      const { status, messages } = await runTerminal(['snapshot', 'save', at(name), '--all'])
      expect({ status, messages }).toMatchObject({ status: 0, messages: expect.stringMatching(/sockets in .* saved/) })
      const snapshot = await readSnapshot(at(name))
      const group = snapshot.groups.find(({ port }) => port === made[0]?.port)
      expect(group?.members.map(({ cookie }) => cookie).sort()).toEqual(made.map(({ cookie }) => cookie).sort())
      expect(group?.members[0]?.holders).toMatchObject([{ pid: maker.pid, command: '<b>"=1+1' }])
    }
    expect(readdirSync(folder).sort()).toEqual(['a.json', 'a.json.gz'])
  })

  test('matches the published schema, redacted or not, by an independent validator', async (context) => {
    const reader = `import json,sys,jsonschema
jsonschema.Draft202012Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))`
    if (spawnSync('python3', ['-c', 'import jsonschema']).status !== 0) {
      context.skip('needs python3-jsonschema (.ci/run installs it)')
    }
    const schema = join(root, 'assets/snapshot.schema.json')
    const check = (file: string) => spawnSync('python3', ['-c', reader, schema, file], { encoding: 'utf8' })
    expect((await runTerminal(['snapshot', 'save', at('a.json'), '--all'])).status).toBe(0)
    expect((await runTerminal(['snapshot', 'save', at('r.json'), '--all', '--redact', 'all'])).status).toBe(0)
    expect(check(at('a.json'))).toMatchObject({ status: 0, stderr: '' })
    expect(check(at('r.json'))).toMatchObject({ status: 0, stderr: '' })
    const broken = JSON.parse(readFileSync(at('a.json'), 'utf8'))
    writeFileSync(at('b.json'), JSON.stringify({ ...broken, host: null }))
    expect(check(at('b.json')).stderr).toMatch(/ValidationError/)
  })

  test('redacted, it names no user, program, address or namespace, even of sockets outside it', async (context) => {
    needsRoot(context)
    await using namespace = await makeNamespace()
    await namespace.ip('addr', 'add', '10.99.88.77/32', 'dev', 'lo')
    const maker = (uid: number, command: string) => startSocketMaker({ netns: namespace.name, uid, command })
    await using servers = await maker(70_077, 'canaryserver')
    await using strangers = await maker(70_078, 'canarystranger')
    const udp = { protocol: 'udp', address: '10.99.88.77', options: ['reuseaddr'] } as const satisfies SocketSpec
    // A foreign socket shadows a group of two, and another shares the endpoint of a single one.
    const [wide] = await servers.openTogether({
      ...udp,
      address: '0.0.0.0',
      options: ['reuseport', 'reuseaddr'],
      count: 2,
    })
    await strangers.open({ ...udp, port: wide?.port ?? 0 })
    const [single] = await servers.open(udp)
    await strangers.open({ ...udp, port: single?.port ?? 0 })
    const save = async (...args: string[]) => {
      const saved = await runTerminal(['snapshot', 'save', '-', '--netns', namespace.name, ...args])
      expect(saved.status).toBe(0)
      return saved.out
    }
    const names = ['70077', '70078', 'canaryserver', 'canarystranger', '10.99.88.77', namespace.name]
    const plain = await save()
    for (const name of names) expect(plain).toContain(name)
    const codes = Snapshot.parse(JSON.parse(plain)).findings.map(({ code }) => code)
    expect(codes.sort()).toEqual(['group-shadowed', 'port-hijackable', 'port-hijackable', 'udp-newest-takes-all'])
    const hidden = await save('--redact', 'all')
    for (const name of names) expect(hidden).not.toContain(name)
  })

  test('the engine continues when a reader disconnects in the middle', async () => {
    await using maker = await startSocketMaker()
    await maker.open({ protocol: 'tcp', address: '127.0.0.1', count: 5 })
    let parts = 0
    for await (const _ of engine.parts({ selection: { all: true }, frame: SINGLE_FRAME_WITHOUT_OWNERS }))
      if (++parts === 3) break
    expect((await engine.client.snapshot({})).schema).toBe(SNAPSHOT_SCHEMA)
  })

  test('an unknown namespace is reported as by the procedure', async () => {
    const parts = engine.parts({
      selection: { all: false, netns: 'no such place' },
      frame: SINGLE_FRAME_WITHOUT_OWNERS,
    })
    await expect(async () => {
      for await (const _ of parts);
    }).rejects.toThrow(/no such place/)
    // And not as a problem with the output file.
    for (const args of [
      ['snapshot', 'save', at('x.json')],
      ['export', 'now', '--output', at('x.csv')],
      ['record', at('x.ndjson')],
    ]) {
      const { status, messages } = await runTerminal([...args, '--netns', 'no such place'])
      expect({ args, status, messages }).toEqual({
        args,
        status: 3,
        messages: expect.stringMatching(
          /^reuseport-inspector: reading network namespace "no such place": .*\. Accessible: .*(host|this namespace)/,
        ),
      })
    }
    expect(readdirSync(folder)).toEqual([])
    expect((await engine.client.snapshot({})).schema).toBe(SNAPSHOT_SCHEMA)
  })

  test('to standard output, for a program', async () => {
    const { status, out } = await runTerminal(['snapshot', 'save', '-'])
    expect(status).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ schema: SNAPSHOT_SCHEMA })
  })
})

describe('an existing file', () => {
  test('stays, and the error names the option to replace it', async () => {
    writeFileSync(at('a.json'), 'precious')
    const { status, messages } = await runTerminal(['snapshot', 'save', at('a.json')])
    expect(status).toBe(3)
    expect(messages).toMatch(/already exists\. Use --force to replace it\.\n$/)
    expect(readFileSync(at('a.json'), 'utf8')).toBe('precious')
    expect((await runTerminal(['snapshot', 'save', at('a.json'), '--force'])).status).toBe(0)
    expect((await readSnapshot(at('a.json'))).schema).toBe(SNAPSHOT_SCHEMA)
  })

  test('keeps its mode when it is replaced: a private file stays private', async () => {
    writeFileSync(at('a.json'), 'precious', { mode: 0o600 })
    writeFileSync(at('b.ndjson'), 'precious', { mode: 0o640 })
    expect((await runTerminal(['snapshot', 'save', at('a.json'), '--force'])).status).toBe(0)
    expect((await runTerminal(['record', at('b.ndjson'), '--count', '1', '--force'])).status).toBe(0)
    expect([statSync(at('a.json')).mode & 0o777, statSync(at('b.ndjson')).mode & 0o777]).toEqual([0o600, 0o640])
  })

  test('two saves at once: one gets the name, the other an error', async () => {
    async function* slowly(text: string) {
      for (let piece = 0; piece < 20; piece++) {
        yield text
        await new Promise(setImmediate)
      }
    }
    const results = await Promise.allSettled(['a', 'b', 'c'].map((text) => writeWhole(at('x'), slowly(text))))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const result of results) {
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ message: expect.stringMatching(/already/) })
    }
    expect(readFileSync(at('x'), 'utf8')).toMatch(/^(a{20}|b{20}|c{20})$/)
    await Promise.all(['d', 'e', 'f'].map((text) => writeWhole(at('x'), slowly(text), { force: true })))
    expect(readFileSync(at('x'), 'utf8')).toMatch(/^(d{20}|e{20}|f{20})$/)
    expect(readdirSync(folder)).toEqual(['x'])
  })
})

test('killed in the middle, many times: the old file is intact', async () => {
  async function* parts(hostname: string) {
    const { groups, findings, ...head } = large(hostname)
    yield { head }
    for (const group of groups) yield { group }
    yield { findings }
  }
  await writeWhole(at('new.json'), snapshotJson(parts('new')))
  const size = statSync(at('new.json')).size
  await writeWhole(at('kept.json'), snapshotJson(parts('old')))
  const left = () => readdirSync(folder).filter((name) => name.endsWith('.part'))
  /** Starts it, and sends the signal when this much is written; it may have ended before. */
  async function interrupted(output: string, written: number, signal: NodeJS.Signals) {
    for (const name of left()) rmSync(at(name))
    const { child, finished } = startTerminal(['export', at('new.json'), '--output', at(output), '--force'])
    let ended = false
    void finished.then(() => {
      ended = true
    })
    await eventually('it has written that much', () => {
      return ended || left().some((name) => (statSync(at(name), { throwIfNoEntry: false })?.size ?? size) >= written)
    })
    child.kill(signal)
    return finished
  }
  // Repeats if it always ended before the signal.
  for (let [round, met] = [0, false]; round < 8 || !met; round++) {
    await interrupted('kept.json', (size * (round % 8)) / 8, 'SIGKILL')
    met ||= left().length > 0
    expect(['old', 'new']).toContain((await readSnapshot(at('kept.json'))).host.hostname)
  }
  // Interrupted as by a user, nothing is left.
  for (let status: number | null = 0; status === 0; ) {
    const end = await interrupted('other.json', 1, 'SIGINT')
    status = end.status
    if (status !== 0) expect(end.messages).toMatch(/Interrupted: .* was not written/)
    expect(left()).toEqual([])
  }
})

describe('where it cannot be written', () => {
  const tmpfs = (options: string) => spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at('disk')]).status
  async function onDisk(options: string, work: (file: string) => Promise<void>) {
    mkdirSync(at('disk'))
    expect(tmpfs(options)).toBe(0)
    try {
      await work(join(at('disk'), 'a.json'))
    } finally {
      spawnSync('umount', ['--lazy', at('disk')])
    }
  }

  test('a full disk: the old file stays, and nothing is left beside it', async (context) => {
    needsRoot(context)
    await onDisk('size=256k', async (file) => {
      writeFileSync(file, 'precious')
      async function* endless() {
        for (;;) yield 'x'.repeat(10_000)
      }
      await expect(writeWhole(file, endless(), { force: true })).rejects.toThrow(/the disk is full \(ENOSPC\)/)
      expect(readFileSync(file, 'utf8')).toBe('precious')
      expect(readdirSync(at('disk'))).toEqual(['a.json'])
    })
  })

  test.for(['a.ndjson', 'a.ndjson.gz'])(
    'a disk that fills during a recording: %s can be played',
    async (name, context) => {
      needsRoot(context)
      // Noise, so that compression does not help.
      const changing = (at: number) =>
        aSnapshot({
          groups: Array.from({ length: 20 }, () =>
            aGroup({
              id: randomBytes(8).toString('hex'),
              members: [aMember({ user: randomBytes(200).toString('hex') })],
            }),
          ),
          takenAt: new Date(at * 1000).toISOString(),
        })
      await onDisk('size=256k', async (placed) => {
        const file = join(placed, '..', name)
        const writer = await RecordingWriter.create(file, { force: false })
        const fill = async () => {
          for (;;) await writer.add(changing(writer.frames), 1000)
        }
        await expect(fill()).rejects.toMatchObject({
          problem: {
            cause: 'the disk is full (ENOSPC)',
            hint: expect.stringMatching(/What was written before is kept\./),
          },
        })
        const recorded = writer.frames
        await writer.end().catch(() => undefined)
        const { status, out, messages } = await runTerminal(['play', file, '--json'])
        expect({ status, messages, snapshots: out.split('\n').length - 1 }).toEqual({
          status: 0,
          messages: '',
          snapshots: recorded,
        })
      })
    },
  )

  test('a read-only file system', async (context) => {
    needsRoot(context)
    await onDisk('size=256k,ro', async (file) => {
      expect(await runTerminal(['snapshot', 'save', file])).toMatchObject({
        status: 3,
        messages: expect.stringMatching(/the file system is read-only \(EROFS\)/),
      })
    })
  })

  test("another user's folder", async (context) => {
    needsRoot(context)
    mkdirSync(at('theirs'), { mode: 0o500 })
    chownSync(at('theirs'), 65534, 65534)
    // Root without the capability to override file permissions.
    const before = ['setpriv', '--bounding-set=-dac_override,-dac_read_search']
    const { status, messages } = await runTerminal(['snapshot', 'save', join(at('theirs'), 'a.json')], before)
    expect({ status, messages }).toMatchObject({
      status: 3,
      messages: expect.stringMatching(/permission denied \(EACCES\)/),
    })
  })

  test.each([
    ['a folder', '/tmp', /it is a directory/],
    ['a device', '/dev/null', /it is a device.*standard output/],
    ['a folder that is not there', '/nowhere/a.json', /no such file or directory/],
    ['a file in a file', '/etc/hostname/a.json', /part of the path is not a directory/],
  ])('%s', async (_, path, words) => {
    const { status, messages } = await runTerminal(['snapshot', 'save', path, '--force'])
    expect(status).toBe(3)
    expect(messages).toMatch(words)
  })
})

describe('a recording', () => {
  test('that is interrupted is complete, and one that is killed can be played', async () => {
    for (const [signal, name] of [
      ['SIGINT', 'a.ndjson'],
      ['SIGKILL', 'b.ndjson.gz'],
    ] as const) {
      const { child, finished } = startTerminal(['record', at(name), '--interval', '100ms'])
      const size = () => statSync(at(name), { throwIfNoEntry: false })?.size ?? 0
      let grown = await eventually('the first snapshot is written', size)
      // A snapshot may reach the file in several parts: only the third growth certainly adds another one.
      for (let growth = 0; growth < 3; growth++) {
        await eventually('more follow', () => size() > grown)
        grown = size()
      }
      child.kill(signal)
      const { status } = await finished
      if (signal === 'SIGINT') expect(status).toBe(0)
      const { out } = await runTerminal(['play', at(name), '--json'])
      const snapshots = out.trimEnd().split('\n')
      expect(snapshots.length).toBeGreaterThan(1)
      for (const snapshot of snapshots) expect(JSON.parse(snapshot)).toMatchObject({ schema: SNAPSHOT_SCHEMA })
    }
  })
})
