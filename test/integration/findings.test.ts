/** Each finding on the real kernel: what raises it, what nearly does, and what clears it. */
import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TEST_MS } from '../support/timeouts.ts'
import { isRoot, needsRoot } from './support/conditions.ts'
import { startTestEngine, type TestEngine } from './support/engine.ts'
import { type FindingsFollower, followFindings } from './support/findings.ts'
import { makeNamespace, type TestNamespace } from './support/namespace.ts'
import { type MadeSocket, type MakerOptions, type SocketSpec, startSocketMaker } from './support/socket-maker.ts'

const run = promisify(execFile)
/** More refreshes than any rule needs to raise a finding. */
const ENOUGH = 24

let engine: TestEngine
let namespace: TestNamespace
let findings: FindingsFollower
/** How far the engine's clock is ahead. */
let aheadMs = 0
beforeAll(async () => {
  if (!isRoot) return
  engine = await startTestEngine({ intervalMs: 100 }, () => new Date(Date.now() + aheadMs))
  namespace = await makeNamespace()
})
beforeEach((context) => {
  needsRoot(context)
  findings = followFindings(engine.client, namespace.inode)
})
afterAll(async () => {
  await engine?.close()
  await namespace?.[Symbol.asyncDispose]()
})

const startMaker = (options: MakerOptions = {}) => startSocketMaker({ netns: namespace.name, ...options })
const reuseport: SocketSpec['options'] = ['reuseport']
const tcp: SocketSpec = { protocol: 'tcp', address: '127.0.0.1', options: reuseport }
const udp: SocketSpec = { protocol: 'udp', address: '127.0.0.1', options: reuseport }
const portOf = (made: readonly MadeSocket[]) => made[0]?.port ?? 0
const sysctl = (name: string, value: number) =>
  run('ip', ['netns', 'exec', namespace.name, 'sysctl', '-q', '-w', `${name}=${value}`])

/** Queue lengths of these listeners. */
async function waiting(made: readonly MadeSocket[]): Promise<number[]> {
  const { groups } = await engine.client.snapshot({
    selection: { port: portOf(made), netns: namespace.name, all: true },
  })
  const members = new Map(groups.flatMap((group) => group.members).map((member) => [member.cookie, member]))
  return made.map(({ cookie }) => members.get(cookie)?.queue.length ?? 0)
}

describe('queue-overflowing', () => {
  it('is raised when accept queues are full, and cleared when they are not', async () => {
    await using maker = await startMaker()
    const made = await maker.openTogether({ ...tcp, backlog: 2, count: 2 })
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: portOf(made), count: 24, stuck: 18 })
    const row = await findings.raised('queue-overflowing', portOf(made), {
      'members with a full or overflowing queue': 2,
      'connections waiting in all queues': 6,
    })
    expect(row.members).toEqual(made.map(({ cookie }) => cookie))
    await maker.drain()
    for (const [index, length] of (await waiting(made)).entries()) {
      const listener = made[index]
      if (listener !== undefined) await maker.accept(listener, length)
    }
    await findings.cleared('queue-overflowing', portOf(made))
  })
  it('is not raised by a queue that just fits', async () => {
    await using maker = await startMaker()
    const made = await maker.open({ ...tcp, backlog: 8 })
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: portOf(made), count: 8 })
    expect(await findings.after(ENOUGH, portOf(made))).not.toContain('queue-overflowing')
  })
})

describe('member-stalled', () => {
  it('is raised when one member is not draining its queue while the others are', async () => {
    await using maker = await startMaker()
    const made = await maker.openTogether({ ...tcp, count: 4 })
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: portOf(made), count: 60 })
    // All of them are stuck: that is overload, not a stalled member.
    expect(await findings.after(ENOUGH, portOf(made))).not.toContain('member-stalled')
    const lengths = await waiting(made)
    for (const [index, listener] of made.slice(1).entries()) await maker.accept(listener, lengths[index + 1] ?? 0)
    // They are drained one after another, and those not drained yet may be named until then.
    const port = portOf(made)
    const rows = await findings.until('the member that is not drained is named alone', (raised) =>
      raised.some(
        ({ code, key, members }) =>
          code === 'member-stalled' && key.port === port && members.join() === String(made[0]?.cookie),
      ),
    )
    const row = rows.find(({ code, key }) => code === 'member-stalled' && key.port === port)
    expect(row?.severity).toBe('critical')
    expect(row?.evidence).toContainEqual({
      name: 'waiting in the stuck queues',
      value: lengths[0],
      unit: 'connections',
    })
    if (made[0] !== undefined) await maker.accept(made[0], lengths[0] ?? 0)
    await findings.cleared('member-stalled', portOf(made))
  })
})

describe('a draining process that keeps listening', () => {
  it('names the listeners without an accepting process, though they fill up in turn, and their owner', async () => {
    await using old = await startMaker({ command: 'draining' })
    await using young = await startMaker({ command: 'serving' })
    const left = await old.openTogether({ ...tcp, count: 2 })
    const port = portOf(left)
    const serving = await young.open({ ...tcp, port, count: 2 })
    await young.epoll(...serving)
    const clients = await startMaker()
    try {
      await findings.until(
        'both are named',
        (rows) =>
          rows.some(({ code, key, members }) => code === 'member-stalled' && key.port === port && members.length === 2),
        async () => {
          await clients.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 4 })
          const lengths = await waiting(serving)
          for (const [index, listener] of serving.entries()) await young.accept(listener, lengths[index] ?? 0)
        },
      )
    } finally {
      await clients.end()
    }
    const row = await findings.raised('member-stalled', port)
    expect([...row.members].sort()).toEqual(left.map(({ cookie }) => cookie).sort())
    expect(row.advice).toContain(`draining (pid ${old.pid})`)
  })
})

describe('a stalled member that no process polls', () => {
  it('is distinguished from one whose process is stuck', async () => {
    await using maker = await startMaker()
    const made = await maker.openTogether({ ...tcp, count: 4 })
    const [left, ...polled] = made
    if (left === undefined) throw new Error('no socket was made')
    await maker.epoll(...polled)
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: left.port, count: 60 })
    const lengths = await waiting(made)
    for (const [index, listener] of polled.entries()) await maker.accept(listener, lengths[index + 1] ?? 0)
    await findings.until('the finding says that no process polls it', (rows) =>
      rows.some(
        ({ code, key, members, explanation }) =>
          code === 'member-stalled' &&
          key.port === left.port &&
          members[0] === left.cookie &&
          explanation.includes('No process is waiting for these members with epoll'),
      ),
    )
    // Back in the event loop it is still stuck: now it is the process that does not accept.
    await maker.epoll(left)
    await findings.until('it is polled', (rows) =>
      rows.some(
        ({ code, key, explanation }) =>
          code === 'member-stalled' && key.port === left.port && !explanation.includes('No process is waiting'),
      ),
    )
  })
})

describe('not-a-group', () => {
  it('is raised for one socket that several workers share, and cleared when they end', async () => {
    await using maker = await startMaker()
    const made = await maker.open({ protocol: 'tcp', address: '127.0.0.1' })
    const pids = await maker.fork({ count: 3 })
    const row = await findings.raised('not-a-group', portOf(made), { 'processes that share it': 3 })
    expect(row.severity).toBe('info')
    expect(row.explanation).not.toContain('SO_REUSEPORT')
    await maker.kill(...pids)
    await findings.cleared('not-a-group', portOf(made))
  })
  it('is raised if SO_REUSEPORT is set without a second socket, and counts the waiting processes', async () => {
    await using maker = await startMaker()
    const made = await maker.open(tcp)
    await maker.fork({ count: 3, epoll: made })
    const port = portOf(made)
    const row = await findings.raised('not-a-group', port, { 'processes waiting for it with epoll': 3 })
    expect(row.explanation).toContain('SO_REUSEPORT is set on it but has no effect')
    const { groups } = await engine.client.snapshot({ selection: { port, netns: namespace.name, all: true } })
    expect(groups).toMatchObject([{ sharing: 'inherited', members: [{ cookie: made[0]?.cookie }] }])
  })
  it('is not raised for a master with one worker', async () => {
    await using maker = await startMaker()
    const made = await maker.open({ protocol: 'tcp', address: '127.0.0.1' })
    await maker.fork({ count: 1 })
    expect(await findings.after(ENOUGH, portOf(made))).toEqual([])
  })
})

describe('udp-newest-takes-all', () => {
  it('is raised for SO_REUSEADDR alone, and cleared when one is left', async () => {
    await using maker = await startMaker()
    const made = await maker.openTogether({ ...udp, options: ['reuseaddr'], count: 2 })
    expect(await findings.raised('udp-newest-takes-all', portOf(made))).toMatchObject({ severity: 'warning' })
    await maker.close(...made.slice(1))
    await findings.cleared('udp-newest-takes-all', portOf(made))
  })
  it('is not raised for SO_REUSEPORT', async () => {
    await using maker = await startMaker()
    const spread = await maker.openTogether({ ...udp, count: 2 })
    expect(await findings.after(ENOUGH, portOf(spread))).toEqual([])
  })
})

describe('at a multicast or broadcast address each socket gets a copy', () => {
  it.each(['224.0.0.251', '127.255.255.255', '255.255.255.255'])('%s shadows and takes nothing', async (address) => {
    await using maker = await startMaker()
    // As of nmbd, which binds the wildcard and the broadcast address of each interface.
    const wide = await maker.openTogether({ ...udp, address: '0.0.0.0', count: 2 })
    const port = portOf(wide)
    await maker.open({ ...udp, address, port, count: 2 })
    expect(await findings.after(ENOUGH, port)).toEqual([])
    const newest = await maker.openTogether({ ...udp, address, options: ['reuseaddr'], count: 2 })
    const open = await maker.openTogether({ ...udp, address, options: ['reuseport', 'reuseaddr'], count: 2 })
    expect(await findings.after(ENOUGH, portOf(newest))).toEqual([])
    expect(await findings.after(1, portOf(open))).toEqual([])
  })
})

describe('port-hijackable', () => {
  const both: SocketSpec = { ...udp, options: ['reuseport', 'reuseaddr'], count: 2 }
  it('is raised with both options, is critical once another user has joined, and clears', async () => {
    await using maker = await startMaker()
    const made = await maker.openTogether(both)
    const port = portOf(made)
    expect(await findings.raised('port-hijackable', port)).toMatchObject({ severity: 'warning' })
    {
      await using stranger = await startMaker({ uid: 65534 })
      await stranger.open({ ...udp, port, options: ['reuseaddr'] })
      await findings.until('the foreign socket is found', (rows) =>
        rows.some((row) => row.code === 'port-hijackable' && row.severity === 'critical' && row.key.port === port),
      )
      expect((await findings.raised('port-hijackable', port)).advice).toContain('nobody (uid 65534) with')
      await findings.until('the user that takes the datagrams is known', (rows) =>
        rows.some(
          ({ summary, key }) => key.port === port && /: nobody \(uid 65534\) with \S+ \(pid \d+\) takes/.test(summary),
        ),
      )
    }
    await findings.until('the foreign socket has closed', (rows) =>
      rows.every((row) => row.code !== 'port-hijackable' || row.severity !== 'critical' || row.key.port !== port),
    )
    await maker.close(...made)
    await findings.cleared('port-hijackable', port)
  })
  it('is not raised for SO_REUSEPORT alone, for TCP, or below the first unprivileged port', async () => {
    await using maker = await startMaker()
    const alone = await maker.openTogether({ ...udp, count: 2 })
    const streams = await maker.openTogether({ ...tcp, options: ['reuseport', 'reuseaddr'], count: 2 })
    const low = await maker.openTogether({ ...both, port: 853 })
    expect(await findings.after(ENOUGH, portOf(alone))).toEqual([])
    expect(await findings.after(1, portOf(streams))).toEqual([])
    expect(await findings.after(1, portOf(low))).toEqual([])
  })
})

describe('group-shadowed', () => {
  it('is raised for a wildcard next to an address, and cleared when the address is free', async () => {
    await using maker = await startMaker()
    const wide = await maker.openTogether({ ...tcp, address: '0.0.0.0', count: 2 })
    const narrow = await maker.open({ ...tcp, port: portOf(wide) })
    const row = await findings.raised('group-shadowed', portOf(wide))
    expect(row.summary).toContain('gets no traffic for 127.0.0.1')
    expect(row.severity).toBe('info')
    await maker.close(...narrow)
    await findings.cleared('group-shadowed', portOf(wide))
  })
  it('is not raised by a socket whose address no interface has, until one has it', async () => {
    await using maker = await startMaker()
    const wide = await maker.openTogether({ ...tcp, address: '0.0.0.0', count: 2 })
    await maker.open({ ...tcp, address: '192.0.2.7', freebind: true, port: portOf(wide) })
    expect(await findings.after(ENOUGH, portOf(wide))).toEqual([])
    await run('ip', ['-netns', namespace.name, 'address', 'add', '192.0.2.7/32', 'dev', 'lo'])
    expect((await findings.raised('group-shadowed', portOf(wide))).summary).toContain('gets no traffic for 192.0.2.7')
  })
  it('is a warning if dual-stack sockets get no IPv4 at all', async () => {
    await using maker = await startMaker()
    const dual = await maker.openTogether({ ...udp, family: 6, address: '::', v6only: false, count: 2 })
    await maker.openTogether({ ...udp, address: '0.0.0.0', port: portOf(dual), count: 2 })
    expect(await findings.raised('group-shadowed', portOf(dual))).toMatchObject({
      severity: 'warning',
      key: { family: 'ipv6' },
    })
  })
  it('is not raised for IPv6 only next to IPv4, nor by a socket that is not listening', async () => {
    await using maker = await startMaker()
    const v6 = await maker.openTogether({ ...tcp, family: 6, address: '::', v6only: true, count: 2 })
    await maker.openTogether({ ...tcp, address: '0.0.0.0', port: portOf(v6), count: 2 })
    await maker.open({ ...tcp, state: 'bound', port: portOf(v6) })
    expect(await findings.after(ENOUGH, portOf(v6))).toEqual([])
  })
})

describe('mixed-generations', () => {
  it('is raised while old and new processes serve, and cleared when the old ones end', async () => {
    await using old = await startMaker({ command: 'server' })
    const made = await old.openTogether({ ...tcp, count: 2 })
    const begun = performance.now()
    await findings.after(1, portOf(made))
    while (performance.now() - begun < 1500) await findings.after(1, portOf(made))
    await using young = await startMaker({ command: 'server' })
    await young.open({ ...tcp, port: portOf(made), count: 2 })
    const row = await findings.raised('mixed-generations', portOf(made))
    expect([...row.members].sort()).toEqual(made.map(({ cookie }) => cookie).sort())
    expect(row.evidence).toContainEqual({ name: 'older processes', value: 1, unit: null })
    await old.end()
    await findings.cleared('mixed-generations', portOf(made))
  })
  it('is not raised for two programs that share the port', async () => {
    await using one = await startMaker({ command: 'one' })
    const made = await one.openTogether({ ...tcp, count: 2 })
    const begun = performance.now()
    while (performance.now() - begun < 1200) await findings.after(1, portOf(made))
    await using other = await startMaker({ command: 'other' })
    await other.open({ ...tcp, port: portOf(made) })
    expect(await findings.after(ENOUGH, portOf(made))).not.toContain('mixed-generations')
  })
})

describe('reload-lost-connections', () => {
  it('counts the connections waiting at a closed member: as many clients were reset', async () => {
    await using maker = await startMaker()
    const made = await maker.openTogether({ ...tcp, count: 3 })
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: portOf(made), count: 60 })
    const lengths = await waiting(made)
    // So that the counters were read before.
    await findings.after(2, portOf(made))
    const [first] = made
    if (first === undefined) throw new Error('no socket was made')
    await maker.close(first)
    const row = await findings.raised('reload-lost-connections', portOf(made))
    expect(row.members).toEqual([first.cookie])
    expect(row.severity).toBe('critical')
    expect(row.evidence[0]?.value).toBe(lengths[0])
    expect(await maker.broken()).toBe(lengths[0])
    aheadMs += 25_000
    expect(await findings.after(ENOUGH, portOf(made))).toContain('reload-lost-connections')
    aheadMs += 40_000
    await findings.cleared('reload-lost-connections', portOf(made))
  })
  it('is not raised for a member closed with an empty queue', async () => {
    await using maker = await startMaker()
    const made = await maker.openTogether({ ...tcp, count: 3 })
    await findings.after(2, portOf(made))
    await maker.close(...made.slice(2))
    expect(await findings.after(ENOUGH, portOf(made))).toEqual([])
  })
  it('is not raised while the kernel migrates them to a sibling, and is when it stops', async () => {
    await using maker = await startMaker()
    const made = await maker.openTogether({ ...tcp, count: 3 })
    const port = portOf(made)
    await findings.after(2, port)
    await sysctl('net.ipv4.tcp_migrate_req', 1)
    try {
      await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 60 })
      await findings.after(2, port)
      await maker.close(...made.slice(2))
      expect(await findings.after(ENOUGH, port)).not.toContain('reload-lost-connections')
      expect(await maker.broken()).toBe(0)
    } finally {
      await sysctl('net.ipv4.tcp_migrate_req', 0)
    }
    await maker.close(...made.slice(1, 2))
    await findings.raised('reload-lost-connections', port)
  })
})

describe('backlog-clamped', () => {
  it('is raised if somaxconn is the limit and the queue fills, and cleared when it is empty', async () => {
    await using small = await makeNamespace()
    await run('ip', ['netns', 'exec', small.name, 'sysctl', '-q', '-w', 'net.core.somaxconn=8'])
    await using maker = await startSocketMaker({ netns: small.name })
    const follower = followFindings(engine.client, small.inode)
    // An unshared socket: its namespace is read like any other.
    const made = await maker.open({ ...tcp, options: [], backlog: 100 })
    const port = portOf(made)
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 2 })
    expect(await follower.after(ENOUGH, port)).toEqual([])
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 4 })
    const row = await follower.raised('backlog-clamped', port)
    expect(row.evidence[0]).toMatchObject({ name: 'net.core.somaxconn', value: 8 })
    await maker.drain()
    if (made[0] !== undefined) await maker.accept(made[0], 6)
    await follower.cleared('backlog-clamped', port)
  })
})

describe('cpu-steering-partial', () => {
  const cpus = availableParallelism()
  it('is raised if some members set SO_INCOMING_CPU, and cleared when those have closed', async () => {
    await using maker = await startMaker()
    const made = await maker.openTogether({ ...udp, cpu: 0 }, { ...udp, count: 2 })
    const row = await findings.raised('cpu-steering-partial', portOf(made))
    expect(row.members).toEqual([made[0]?.cookie])
    await maker.close(...made.slice(0, 1))
    await findings.cleared('cpu-steering-partial', portOf(made))
  })
  it('is not raised if every CPU has its member', async () => {
    await using maker = await startMaker()
    const made = await maker.openTogether(...Array.from({ length: cpus }, (_, cpu) => ({ ...udp, cpu })))
    expect(await findings.after(2 * ENOUGH, portOf(made))).toEqual([])
  })
})

describe('large-ipv6-group', () => {
  it('is raised from 1,000 members, not for as many over IPv4, and cleared with one less', async () => {
    await using maker = await startMaker()
    const v6 = await maker.openTogether({ ...udp, family: 6, address: '::1', count: 1000 })
    const v4 = await maker.openTogether({ ...udp, count: 1000 })
    expect(await findings.raised('large-ipv6-group', portOf(v6))).toMatchObject({ severity: 'info' })
    expect(await findings.after(ENOUGH, portOf(v4))).toEqual([])
    await maker.close(...v6.slice(999))
    await findings.cleared('large-ipv6-group', portOf(v6))
  })
})

describe('near-group-limit', () => {
  it(
    'is raised from nine tenths of 32,768, and cleared below',
    async () => {
      await using one = await startMaker()
      // With another command: two of one command that start a second apart would be two generations.
      await using other = await startMaker({ command: 'other' })
      const made = await one.openTogether({ ...udp, count: 15_000 })
      const rest = await other.openTogether({ ...udp, port: portOf(made), count: 14_491 })
      expect(await findings.after(2, portOf(made))).toEqual([])
      const last = await other.open({ ...udp, port: portOf(made) })
      const row = await findings.raised('near-group-limit', portOf(made))
      expect(row.evidence).toContainEqual({ name: 'members', value: 29_492, unit: null })
      await other.close(...last, ...rest.slice(0, 100))
      await findings.cleared('near-group-limit', portOf(made))
      // Thirty thousand sockets of one group are slow to open and to list.
    },
    2 * TEST_MS,
  )
})

describe('udp-not-read', () => {
  it('is raised for a socket that no process reads, and not for one with a short queue', async () => {
    await using maker = await startMaker()
    const full = await maker.open({ protocol: 'udp', address: '127.0.0.1', rcvbuf: 4096 })
    const little = await maker.open({ protocol: 'udp', address: '127.0.0.1' })
    await maker.fill({ protocol: 'udp', address: '127.0.0.1', port: portOf(full), count: 30, bytes: 200 })
    await maker.fill({ protocol: 'udp', address: '127.0.0.1', port: portOf(little), count: 3, bytes: 200 })
    expect(await findings.raised('udp-not-read', portOf(full))).toMatchObject({
      severity: 'warning',
      members: [full[0]?.cookie],
    })
    expect(await findings.after(ENOUGH, portOf(little))).toEqual([])
    await maker.close(...full)
    await findings.cleared('udp-not-read', portOf(full))
  })
})

describe('udp-receive-drops', () => {
  it('is raised while datagrams are lost, and cleared when no more are', async () => {
    await using maker = await startMaker()
    const made = await maker.openTogether({ ...udp, rcvbuf: 4096, count: 2 })
    const port = portOf(made)
    await maker.fill({ protocol: 'udp', address: '127.0.0.1', port, count: 1 })
    expect(await findings.after(ENOUGH, port)).not.toContain('udp-receive-drops')
    let raised = false
    const row = findings.raised('udp-receive-drops', port).finally(() => {
      raised = true
    })
    while (!raised) await maker.fill({ protocol: 'udp', address: '127.0.0.1', port, count: 50, bytes: 1000 })
    expect((await row).evidence[0]?.value).toBeGreaterThan(0)
    await findings.cleared('udp-receive-drops', port)
  })
})

describe('muting', () => {
  it('marks a finding, by its code or by its id, and applies to later ones', async () => {
    await using maker = await startMaker()
    const made = await maker.openTogether({ ...udp, options: ['reuseaddr'], count: 2 })
    const row = await findings.raised('udp-newest-takes-all', portOf(made))
    expect(row.muted).toBe(false)
    const muted = (wanted: boolean) =>
      findings.until(`it is ${wanted ? '' : 'not '}muted`, (rows) =>
        rows.some(({ id, muted }) => id === row.id && muted === wanted),
      )
    await engine.client.settings.set({ mutedFindings: [row.id] })
    await muted(true)
    await engine.client.settings.set({ mutedFindings: [] })
    await muted(false)
    await engine.client.settings.set({ mutedFindings: ['udp-newest-takes-all'] })
    await muted(true)
    await engine.client.settings.set({ mutedFindings: [] })
  })
})

describe('a snapshot', () => {
  it('has the findings of its groups, and no others', async () => {
    await using maker = await startMaker()
    const made = await maker.openTogether({ ...udp, options: ['reuseaddr'], count: 2 })
    await findings.raised('udp-newest-takes-all', portOf(made))
    const mine = await engine.client.snapshot({ selection: { port: portOf(made), netns: namespace.name } })
    expect(mine.findings.map(({ code, group }) => [code, group])).toEqual([
      ['udp-newest-takes-all', mine.groups[0]?.id],
    ])
    const none = await engine.client.snapshot({ selection: { protocol: 'tcp', port: portOf(made) } })
    expect(none.findings).toEqual([])
  })
})
