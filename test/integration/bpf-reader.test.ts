/** The BPF reader as a program: under churn, with a full buffer, with fewer permissions, and what is left when it ends. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { beforeEach, expect, test } from 'vitest'
import { BpfReader, needsBpf, type ReadGroup, refusal } from './support/bpf-reader.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { makeNamespace } from './support/namespace.ts'
import { type MadeSocket, type SocketSpec, startSocketMaker } from './support/socket-maker.ts'

const run = promisify(execFile)

beforeEach((context) => {
  needsRoot(context)
  needsBpf(context)
})

const shared = { address: '127.0.0.1', options: ['reuseport'] } satisfies Partial<SocketSpec>
const cookies = (made: readonly MadeSocket[]) => made.map(({ cookie }) => cookie)

test('churn: 3,000 stable members while 50 a reading change: none missing, twice, or in another group', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const groups = await Promise.all(
    (['tcp', 'udp'] as const).map((protocol) => maker.openTogether({ ...shared, protocol, count: 1500 })),
  )
  const port = groups[0]?.[0]?.port ?? 0
  const changing = (): SocketSpec => ({ ...shared, protocol: 'tcp', port, count: 50 })
  await using reader = new BpfReader()
  let last = await maker.open(changing())
  const wrong: string[] = []
  for (let reading = 0; reading < 200; reading++) {
    // Both at once: sockets come and go while the program runs.
    const [, next] = await Promise.all([reader.read(), maker.close(...last).then(() => maker.open(changing()))])
    last = next
    for (const stable of groups) {
      const found = reader.with(...stable)
      if (found.length !== 1) wrong.push(`reading ${reading}: in ${found.length} groups`)
      const seen = found.flatMap(({ members }) => members)
      const unique = new Set(seen)
      if (unique.size !== seen.length) wrong.push(`reading ${reading}: ${seen.length - unique.size} twice`)
      const missing = stable.filter(({ cookie }) => !unique.has(cookie)).length
      if (missing > 0) wrong.push(`reading ${reading}: ${missing} missing`)
    }
  }
  expect(wrong).toEqual([])
})

/** What the program keeps free (native/bpf/group_records.h). */
const MAX_SECTION = 524_296

test('a buffer that is full after any record only takes more passes', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const made: MadeSocket[][] = []
  for (let count = 1; count <= 12; count++) {
    made.push(await maker.openTogether({ ...shared, protocol: count % 2 ? 'tcp' : 'udp', count }))
    const group = made.at(-1) as MadeSocket[]
    if (count % 4 === 1) await maker.attach(group[0] as MadeSocket, 0)
    if (count % 4 === 2) await maker.attachMap(group[0] as MadeSocket, [null, ...group])
  }
  const read = async (...args: string[]) => {
    await using reader = new BpfReader(['groups', ...args])
    await reader.read()
    // The clock may step by a millisecond between two readings.
    const timeless = ({ program, ...group }: ReadGroup) => ({ ...group, program: { ...program, loadedAt: null } })
    return made.map((group) => reader.with(...group).map(timeless))
  }
  const whole = await read()
  expect(whole.map(([group]) => group?.members)).toEqual(made.map(cookies))
  // Room for the largest group here, of 490 bytes, and not for two of that size.
  for (let room = 512; room < 1000; room += 16)
    expect(await read('--buffer', String(MAX_SECTION + room)), `room for ${room} bytes`).toEqual(whole)
  // Where even an empty buffer is too small, nothing would ever get into it.
  await using tiny = new BpfReader(['groups', '--buffer', String(MAX_SECTION + 100)])
  await expect(tiny.read()).rejects.toThrow('The BPF reader ended: 1')
})

/** setpriv(1) as another user with these capabilities alone. CAP_PERFMON is 38, CAP_BPF 39 (linux/capability.h). */
const asNobody = (...capabilities: number[]) => {
  const names = capabilities.map((number) => `+cap_${number}`).join()
  const user = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']
  return capabilities.length === 0 ? user : [...user, '--inh-caps', names, '--ambient-caps', names]
}
const [PERFMON, BPF] = [38, 39]

test('CAP_BPF and CAP_PERFMON are enough, in another user’s hands too', async () => {
  await using maker = await startSocketMaker()
  const made = await maker.openTogether({ ...shared, protocol: 'tcp', count: 3 })
  await using reader = new BpfReader(['groups'], asNobody(BPF, PERFMON))
  await reader.read()
  expect(reader.with(...made).map(({ members }) => members)).toEqual([cookies(made)])
})

test.each([
  ['CAP_PERFMON', [BPF]],
  ['CAP_BPF', [PERFMON]],
  ['CAP_BPF and CAP_PERFMON', []],
])('without %s it says so in one sentence', async (lacking, capabilities) => {
  expect(await refusal(asNobody(...capabilities))).toEqual({
    status: 1,
    text: `it requires CAP_BPF and CAP_PERFMON, and this process lacks ${lacking}`,
  })
})

test('in a user namespace of its own it says so, whatever capabilities it has there', async () => {
  expect(await refusal(['unshare', '--user', '--map-root-user', '--'])).toEqual({
    status: 1,
    text: expect.stringMatching(/only in the initial user namespace, and this process is in another one$/),
  })
})

const statusField = (pid: number, field: string) =>
  new RegExp(`^${field}:\\s+(\\S+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]

test('once loaded it has no capability, and gains none; no answer has a kernel address', async () => {
  await using maker = await startSocketMaker()
  const made = await maker.openTogether({ ...shared, protocol: 'tcp', count: 3 })
  await maker.attachMap(made[0] as MadeSocket, made)
  await using reader = new BpfReader()
  const answer = JSON.stringify(await reader.read())
  const pid = reader.child.pid ?? 0
  const fields = ['CapInh', 'CapPrm', 'CapEff', 'CapAmb', 'NoNewPrivs']
  expect(fields.map((field) => Number.parseInt(statusField(pid, field) ?? '', 16))).toEqual([0, 0, 0, 0, 1])
  // Kernel addresses are in the upper half of the 64 bits.
  const numbers = answer.match(/\d+/g) ?? []
  expect(numbers.length).toBeGreaterThan(10)
  expect(numbers.filter((number) => BigInt(number) >= 2n ** 63n)).toEqual([])
  expect(answer).not.toMatch(/ffff[0-9a-f]{12}/)
})

test('it ends with its standard input, or with its parent', async () => {
  const reader = new BpfReader()
  await reader.read()
  reader.child.stdin?.end()
  expect(await reader.ended).toBe(0)

  // The parent is killed; its standard input stays open in this process.
  await using held = new BpfReader(['groups'], ['sh', '-c', 'exec 3<&0; "$@" <&3 & wait', 'sh'])
  await held.read()
  const parent = held.child.pid ?? 0
  const pid = Number(readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim())
  held.child.kill('SIGKILL')
  await eventually('the reader has ended', () => !readdirSync('/proc').includes(String(pid)))
})

/** The programs, maps and links that a process holds, as bpftool names them, by id. */
function bpfObjects(pid: number): string[] {
  const held = new Set<string>()
  for (const fd of readdirSync(`/proc/${pid}/fdinfo`)) {
    const info = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')
    for (const kind of ['prog', 'map', 'link']) {
      const id = new RegExp(`^${kind}_id:\\s+(\\d+)`, 'm').exec(info)?.[1]
      if (id !== undefined) held.add(`${kind} ${id}`)
    }
  }
  return [...held]
}

/** Those of the whole machine. */
async function allBpfObjects(): Promise<Set<string>> {
  const all = await Promise.all(
    ['prog', 'map', 'link'].map(async (kind) => {
      const { stdout } = await run('/usr/sbin/bpftool', ['--json', kind, 'show'], { maxBuffer: 1 << 28 })
      return (JSON.parse(stdout) as { id: number }[]).map(({ id }) => `${kind} ${id}`)
    }),
  )
  return new Set(all.flat())
}

test('killed at any moment, it leaves no program, map or link', async () => {
  const left = new Set<string>()
  for (let kill = 0; kill < 100; kill++) {
    await using reader = new BpfReader([kill % 2 === 0 ? 'groups' : 'flows'])
    reader.read().catch(() => {})
    // Loading takes some 100 ms. Any moment must do, so it does not matter which one this is.
    await pause(kill * 3)
    reader.child.kill('SIGSTOP')
    const pid = reader.child.pid ?? 0
    await eventually('it has stopped', () => /^[TtZ]/.test(statusField(pid, 'State') ?? ''))
    for (const object of bpfObjects(pid)) left.add(object)
    reader.child.kill('SIGKILL')
    await reader.ended
  }
  expect(left.size).toBeGreaterThan(0)
  // The kernel frees them a moment later; ids are not used again soon (IDR, cyclic).
  await eventually('they are gone', async () => {
    const there = await allBpfObjects()
    return [...left].every((object) => !there.has(object))
  })
})
