/** Balance, what-if and the imbalance finding, against servers with a known way of accepting. */
import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { FindingRow } from '../../electron/contract/analysis.ts'
import { isRoot, needsRoot } from './support/conditions.ts'
import { startTestEngine, type TestEngine } from './support/engine.ts'
import { followFindings } from './support/findings.ts'
import { makeNamespace, type TestNamespace } from './support/namespace.ts'
import { type MadeSocket, type SocketSpec, startSocketMaker } from './support/socket-maker.ts'
import { startWorkers } from './support/workers.ts'

/** So many that chance makes no process hold 1.25 times its share of four: 4.5 standard deviations. */
const CONNECTIONS = 990
/** Chance makes one fair hash in a thousand look uneven (electron/engine/analyze/significance.ts). */
const looksUneven = (p: number | null | undefined) => (p ?? 0) < 0.001

let engine: TestEngine
let namespace: TestNamespace
beforeAll(async () => {
  if (!isRoot) return
  engine = await startTestEngine({ intervalMs: 200 })
  namespace = await makeNamespace()
})
afterAll(async () => {
  await engine?.close()
  await namespace?.[Symbol.asyncDispose]()
})
beforeEach(needsRoot)

async function groupOn(port: number): Promise<string> {
  const selection = { port, netns: namespace.name, all: true }
  const { groups } = await engine.client.snapshot({ selection })
  return groups[0]?.id ?? ''
}

describe('connections by process', () => {
  it('are counted for a group with one socket per worker', async () => {
    await using workers = await startWorkers(namespace.name, 'reuseport')
    await workers.connect(CONNECTIONS)
    const balance = await engine.client.group.balance({ id: await groupOn(workers.port) })
    expect(balance.members).toHaveLength(4)
    expect(balance.members.flatMap(({ pids }) => pids).sort()).toEqual([...workers.pids].sort())
    expect(new Set(balance.connections?.processes.map(({ pid }) => pid))).toEqual(new Set(workers.pids))
    expect(balance.connections?.processes.reduce((sum, { established }) => sum + established, 0)).toBe(CONNECTIONS)
    expect(balance.connections).toMatchObject({ ownersHidden: 0, queued: 0, newPerSecond: null })
    expect(balance.connections?.spread?.degreesOfFreedom).toBe(3)
    expect(balance.flows?.total).toBe(4096)
    expect(balance.summary).toContain('4,096 sampled flows over 4 members')
    expect(balance.summary).toContain(`${CONNECTIONS} established connections over 4 processes`)
    await workers.connect(50)
    const later = await engine.client.group.balance({ id: balance.group.id })
    expect(later.connections?.newPerSecond).toBeGreaterThan(0)
  })

  it('that are not accepted yet are waiting, and belong to no process', async () => {
    await using maker = await startSocketMaker({ netns: namespace.name })
    const made = await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 2 })
    const port = made[0]?.port ?? 0
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 20 })
    const balance = await engine.client.group.balance({ id: await groupOn(port) })
    expect(balance.connections).toMatchObject({ queued: 20, ownersHidden: 0 })
    expect(balance.queue?.total).toBe(20)
  })

  it('belong to the listener bound to the interface, if two share an address', async () => {
    await using maker = await startSocketMaker({ netns: namespace.name })
    const spec: SocketSpec = { protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'] }
    const anywhere = await maker.openTogether({ ...spec, count: 2 })
    const port = anywhere[0]?.port ?? 0
    const onLo = await maker.open({ ...spec, port, interface: 'lo', count: 2 })
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 20 })
    const { groups } = await engine.client.snapshot({ selection: { port, netns: namespace.name } })
    const waiting = async ([member]: MadeSocket[]) => {
      const group = groups.find(({ members }) => members.some(({ cookie }) => cookie === member?.cookie))
      return (await engine.client.group.balance({ id: group?.id ?? '' })).connections?.queued
    }
    const queued = (made: MadeSocket[]) =>
      made.reduce((sum, { cookie }) => {
        const members = groups.flatMap((group) => group.members)
        return sum + (members.find((member) => member.cookie === cookie)?.queue.length ?? 0)
      }, 0)
    expect(queued(anywhere) + queued(onLo)).toBe(20)
    expect(await waiting(anywhere)).toBe(queued(anywhere))
    expect(await waiting(onLo)).toBe(queued(onLo))
  })

  it('are not counted for UDP', async () => {
    await using maker = await startSocketMaker({ netns: namespace.name })
    const made = await maker.openTogether({ protocol: 'udp', address: '0.0.0.0', options: ['reuseport'], count: 4 })
    const balance = await engine.client.group.balance({ id: await groupOn(made[0]?.port ?? 0) })
    expect(balance.connections).toBeNull()
    expect(balance.drops).toMatchObject({ members: 4, total: 0 })
    expect(balance.flows?.total).toBe(4096)
  })
})

describe('members that the hash never picks', () => {
  it('are found: IPv4 UDP sockets that joined after a member connected', async () => {
    await using maker = await startSocketMaker({ netns: namespace.name })
    const old = await maker.openTogether({ protocol: 'udp', address: '127.0.0.1', options: ['reuseport'], count: 4 })
    const port = old[0]?.port ?? 0
    const last = old.at(-1)
    if (last !== undefined) await maker.connect(last, ['127.0.0.1', 9])
    const young = await maker.open({ protocol: 'udp', address: '127.0.0.1', port, options: ['reuseport'], count: 2 })
    const selection = { port, netns: namespace.name, all: true }
    const { groups, kernelGroupsUnknownBecause } = await engine.client.snapshot({ selection })
    const balances = await Promise.all(groups.map(({ id }) => engine.client.group.balance({ id })))
    const flows = new Map(balances.flatMap(({ members }) => members.map(({ cookie, flows }) => [cookie, flows ?? 0])))
    expect(old.slice(0, 3).map(({ cookie }) => flows.get(cookie))).toEqual([0, 0, 0])
    expect(young.reduce((sum, { cookie }) => sum + (flows.get(cookie) ?? 0), 0)).toBe(4096)
    if (kernelGroupsUnknownBecause === undefined) {
      // BPF tells that the kernel holds them as two groups.
      expect(balances.map(({ members }) => members.length).sort()).toEqual([2, 3])
      const warnings = balances.flatMap(({ warnings }) => warnings).join(' ')
      expect(warnings).toContain('None of 4,096 sampled clients reaches a member: other sockets take them')
    } else {
      expect(balances).toMatchObject([{ verdict: 'hash' }])
      expect(balances[0]?.summary).toContain('at least one of which gets none')
    }
  })
})

describe('imbalance-significant', () => {
  const follow = () => followFindings(engine.client, namespace.inode)
  /** What members were given counts where an earlier test's reader made the engine count it. */
  const isOfSteering = ({ name }: { name: string }) =>
    ['p-value of the hash (sampled clients)', 'p-value of what members were given'].includes(name)

  it.each(['epoll', 'exclusive'] as const)('is raised for one listener that workers share by %s', async (mode) => {
    await using workers = await startWorkers(namespace.name, mode)
    // On a busy machine any of those that are woken may be first: two of them are made too slow.
    const late = workers.pids.slice(2)
    for (const pid of late) process.kill(pid, 'SIGSTOP')
    await workers.connect(CONNECTIONS)
    for (const pid of late) process.kill(pid, 'SIGCONT')
    const isRaised = ({ code, key, explanation }: FindingRow) =>
      code === 'imbalance-significant' &&
      key.port === workers.port &&
      explanation.includes('All processes wait on one socket')
    const rows = await follow().until('the uneven workers are found', (rows) => rows.some(isRaised))
    const row = rows.find(isRaised)
    expect(row?.evidence).toContainEqual({ name: 'processes', value: 4, unit: null })
    const balance = await engine.client.group.balance({ id: row?.group ?? '' })
    expect(balance.verdict).toBe('workers')
  })

  it('is not raised if they accept in turn, nor for a fair hash', async () => {
    await using blocking = await startWorkers(namespace.name, 'blocking')
    await using hashed = await startWorkers(namespace.name, 'reuseport')
    await blocking.connect(CONNECTIONS)
    await hashed.connect(CONNECTIONS)
    const findings = follow()
    expect(await findings.after(30, blocking.port)).not.toContain('imbalance-significant')
    expect(await findings.after(1, hashed.port)).not.toContain('imbalance-significant')
  })

  it('names the hash if members get nothing because others set SO_INCOMING_CPU', async () => {
    await using workers = await startWorkers(namespace.name, 'reuseport', {
      cpus: availableParallelism(),
      workers: availableParallelism() + 2,
    })
    await workers.connect(CONNECTIONS)
    const row = await follow().raised('imbalance-significant', workers.port)
    expect(row.explanation).toContain('The steering itself is uneven')
    const chance = row.evidence.find(isOfSteering)
    expect(chance?.value).toBeLessThan(0.001)
  })

  it('clears when the load of the same workers evens out', async () => {
    await using workers = await startWorkers(namespace.name, 'reuseport', { close: 2 })
    await workers.connect(CONNECTIONS)
    const findings = follow()
    const row = await findings.raised('imbalance-significant', workers.port)
    await workers.forgive()
    await workers.connect(CONNECTIONS)
    await findings.cleared('imbalance-significant', workers.port)
    const { verdict, flows, connections } = await engine.client.group.balance({ id: row.group })
    expect(verdict).toBe(looksUneven(flows?.p) ? 'hash' : 'even')
    expect(connections?.spread).toMatchObject({ total: CONNECTIONS, members: 4 })
  })

  it('names the workers if the hash is fair, and clears when they end', async () => {
    const findings = follow()
    let port = 0
    {
      await using workers = await startWorkers(namespace.name, 'reuseport', { close: 2 })
      port = workers.port
      await workers.connect(CONNECTIONS)
      const row = await findings.raised('imbalance-significant', port)
      const hash = row.evidence.find(isOfSteering)
      expect(hash?.value).not.toBeNull()
      expect(row.explanation).toContain(
        looksUneven(hash?.value) ? 'The steering itself is uneven' : 'The steering is fair',
      )
    }
    await findings.cleared('imbalance-significant', port)
  })
})

describe('what if', () => {
  const local = (made: readonly MadeSocket[]) => ({ address: '127.0.0.1', port: made[0]?.port ?? 0 })

  /** The member that each of many clients reaches, by cookie. */
  async function everybody(protocol: 'tcp' | 'udp', made: readonly MadeSocket[], clients: readonly number[]) {
    const reached: (string | null | undefined)[] = []
    for (const port of clients) {
      const remote = { address: `127.0.100.${1 + (port % 250)}`, port }
      const probe = await engine.client.steering.probe({ netns: namespace.name, protocol, local: local(made), remote })
      reached.push(probe.member?.cookie)
    }
    return reached
  }
  const movedShare = (before: readonly unknown[], after: readonly unknown[]) =>
    before.filter((cookie, index) => cookie !== after[index]).length / before.length

  it('predicts the share of flows that moves when a real group grows and shrinks', async () => {
    await using maker = await startSocketMaker({ netns: namespace.name })
    const clients = Array.from({ length: 1000 }, (_, index) => 2000 + 53 * index)
    // Five standard deviations of a share in 1,000 samples.
    const tolerance = 5 * Math.sqrt(0.25 / clients.length)
    const made = await maker.openTogether({ protocol: 'udp', address: '127.0.0.1', options: ['reuseport'], count: 6 })
    const { port } = local(made)
    const id = await groupOn(port)
    const grow = await engine.client.group.whatIf({ id, members: 8 })
    const six = await everybody('udp', made, clients)
    const joined = await maker.open({ protocol: 'udp', address: '127.0.0.1', port, options: ['reuseport'], count: 2 })
    const eight = await everybody('udp', made, clients)
    expect(Math.abs(movedShare(six, eight) - grow.expected.moved)).toBeLessThan(tolerance)

    await groupOn(port)
    const shrink = await engine.client.group.whatIf({ id, members: 5 })
    expect(shrink).toMatchObject({ from: 8, to: 5 })
    // The oldest close first: each time the last one moves into the hole.
    for (const oldest of made.slice(0, 3)) await maker.close(oldest)
    const five = await everybody('udp', made, clients)
    expect(Math.abs(movedShare(eight, five) - (shrink.oldestLeave?.moved ?? 0))).toBeLessThan(tolerance)

    const fewer = await engine.client.group.whatIf({ id, members: 4 })
    await groupOn(port)
    // The array is now 6, 7, 3, 4, 5 by age: the newest is second, so this makes a hole in the middle.
    await maker.close(...joined.slice(1))
    const four = await everybody('udp', made, clients)
    const moved = movedShare(five, four)
    expect(moved).toBeGreaterThan((fewer.expected.unavoidable ?? 0) - tolerance)
    expect(new Set(four).size).toBe(4)
  })

  it('says that nothing moves, or that everything does', async () => {
    await using maker = await startSocketMaker({ netns: namespace.name })
    const made = await maker.openTogether({ protocol: 'udp', address: '127.0.0.1', options: ['reuseport'], count: 3 })
    const id = await groupOn(local(made).port)
    expect((await engine.client.group.whatIf({ id, members: 3 })).expected).toEqual({ moved: 0, unavoidable: 0 })
    expect((await engine.client.group.whatIf({ id, members: 0 })).expected).toEqual({ moved: 1, unavoidable: 1 })
    await expect(engine.client.group.whatIf({ id, members: 32_769 })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })
})
