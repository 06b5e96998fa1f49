import { describe, expect, it } from 'vitest'
import type { SteeringProgram } from '../../../../../electron/contract/kernel-group.ts'
import { FindingCode } from '../../../../../electron/contract/model.ts'
import { backlogClamped } from '../../../../../electron/engine/analyze/findings/backlog-clamped.ts'
import { cpuSteeringPartial } from '../../../../../electron/engine/analyze/findings/cpu-steering-partial.ts'
import { groupShadowed } from '../../../../../electron/engine/analyze/findings/group-shadowed.ts'
import { imbalanceSignificant } from '../../../../../electron/engine/analyze/findings/imbalance-significant.ts'
import { memberGetsNothing } from '../../../../../electron/engine/analyze/findings/member-gets-nothing.ts'
import { memberStalled } from '../../../../../electron/engine/analyze/findings/member-stalled.ts'
import { mixedGenerations, splitByStart } from '../../../../../electron/engine/analyze/findings/mixed-generations.ts'
import { migrationIn, NO_FACTS } from '../../../../../electron/engine/analyze/findings/namespace-facts.ts'
import { nearGroupLimit } from '../../../../../electron/engine/analyze/findings/near-group-limit.ts'
import { notAGroup } from '../../../../../electron/engine/analyze/findings/not-a-group.ts'
import { portHijackable } from '../../../../../electron/engine/analyze/findings/port-hijackable.ts'
import { programMissesMembers } from '../../../../../electron/engine/analyze/findings/program-misses-members.ts'
import { queueOverflowing } from '../../../../../electron/engine/analyze/findings/queue-overflowing.ts'
import { reloadLostConnections } from '../../../../../electron/engine/analyze/findings/reload-lost-connections.ts'
import type { Launch, Rule, Verdict } from '../../../../../electron/engine/analyze/findings/rule.ts'
import { allRules } from '../../../../../electron/engine/analyze/findings/rules.ts'
import { udpNewestTakesAll } from '../../../../../electron/engine/analyze/findings/udp-newest-takes-all.ts'
import { udpNotRead } from '../../../../../electron/engine/analyze/findings/udp-not-read.ts'
import { udpReceiveDrops } from '../../../../../electron/engine/analyze/findings/udp-receive-drops.ts'
import { flowSpreadOf } from '../../../../../electron/engine/analyze/statistics.ts'
import { establishedIn, parseCounters } from '../../../../../electron/engine/collect/namespace-counters.ts'
import { type Texts, toSentences } from '../../../../../electron/engine/common/prose.ts'
import { aGroupView, aMoment } from './view.ts'

type Said = Omit<Verdict, keyof Texts> & ReturnType<typeof toSentences>

function said(rule: Rule, group = aGroupView(), moment = aMoment()): Said | null {
  const verdict = rule.examine(group, moment)
  return verdict === 'watch' || verdict === null ? null : { ...verdict, ...toSentences(verdict) }
}
const facts = (grown: Record<string, number>, change = {}) => ({
  ...NO_FACTS,
  grown: (counter: string) => grown[counter] ?? null,
  ...change,
})

it('every code has exactly one rule', () => {
  const codes = allRules(() => null).map(({ code }) => code)
  expect(codes.sort()).toEqual(FindingCode.options.toSorted())
})

it('an ordinary group raises nothing', () => {
  for (const protocol of ['tcp', 'udp'] as const) {
    for (const rule of allRules(() => null)) expect(said(rule, aGroupView({ protocol })), rule.code).toBeNull()
  }
})

describe('queue-overflowing', () => {
  it('starts one above the limit', () => {
    expect(said(queueOverflowing, aGroupView({ members: [{ length: 128 }, {}] }))).toBeNull()
    expect(said(queueOverflowing, aGroupView({ members: [{ length: 129 }, {}] }))).toMatchObject({
      severity: 'warning',
      members: [1n],
    })
  })
  it('names a few members by number, and counts more', () => {
    const summary = (...lengths: number[]) =>
      said(queueOverflowing, aGroupView({ members: lengths.map((length) => ({ length })) }))?.summary
    expect(summary(0, 129, 0, 129)).toMatch(
      /^Members 2 and 4 of 4 at tcp \S+ are full: up to 129 connections queued \(limit 128\)\.$/,
    )
    expect(summary(129, 129, 129, 129, 129, 0)).toMatch(/^5 of 6 members at tcp \S+ are full/)
  })
  it('is critical once connections are lost, and says if the counters disagree', () => {
    const losing = { members: [{ length: 129, dropped: 3 }, {}] }
    expect(said(queueOverflowing, aGroupView(losing))?.summary).toBe(
      'Member 1 of 2 at tcp 127.0.0.1:8080 is dropping connections: 129 connections queued (limit 128), 3 dropped since the previous refresh.',
    )
    expect(said(queueOverflowing, aGroupView({ ...losing, facts: facts({ ListenOverflows: 3 }) }))).toMatchObject({
      severity: 'critical',
    })
    expect(
      said(queueOverflowing, aGroupView({ ...losing, facts: facts({ ListenOverflows: 0 }) }))?.explanation,
    ).toContain('counted no overflow')
  })
})

describe('member-stalled', () => {
  /** Queue lengths of the members, one row per examination. */
  function over(rows: number[][]): Said | null {
    const rule = memberStalled()
    let last: Said | null = null
    for (const [slot, lengths] of rows.entries()) {
      last = said(rule, aGroupView({ members: lengths.map((length) => ({ length })) }), aMoment({ slot }))
    }
    return last
  }
  const repeat = (times: number, row: (look: number) => number[]) =>
    Array.from({ length: times }, (_, look) => row(look))

  it('names the member with a stuck queue while the others drain', () => {
    expect(over(repeat(12, (look) => [5 + look, look % 2, 0]))?.members).toEqual([1n])
  })
  it('says which member, and which process serves it', () => {
    const rule = memberStalled()
    let last: Said | null = null
    for (let slot = 0; slot < 12; slot++) {
      const members = [{ holders: [7, 9] }, { length: 5, holders: [7, 9], serving: [9] }]
      const processes = [7, 9].map((pid) => ({ pid, parent: null, command: 'nginx', startedAt: null }))
      last = said(rule, aGroupView({ members, processes }), aMoment({ slot }))
    }
    expect(last?.summary).toBe(
      'Member 2 of 2 at tcp 127.0.0.1:8080 is not draining its queue (5 connections); the others are, or are empty.',
    )
    expect(last?.advice).toContain('Look at nginx (pid 9):')
  })
  it('at a multicast address, speaks of copies and not of the clients of one member', () => {
    const rule = memberStalled()
    const multicast = { protocol: 'udp', delivery: 'copies' } as const
    let last: Said | null = null
    for (let slot = 0; slot < 12; slot++) {
      last = said(rule, aGroupView({ ...multicast, members: [{ length: 5 }, {}] }), aMoment({ slot }))
    }
    expect(last?.explanation).toContain('Each member gets a copy')
    expect(last?.explanation).not.toContain('hash')
    expect(last?.evidence.map(({ name }) => name)).not.toContain('share of clients that reach them')
  })
  it('names two that fill up alternately', () => {
    const lengths = (look: number) => [5 + 2 * Math.floor(look / 2), 4 + 2 * Math.ceil(look / 2), look % 2, 0]
    expect(over(repeat(12, lengths))?.members).toEqual([1n, 2n])
  })
  it('does not name one that drained once in the window', () => {
    expect(over([...repeat(10, () => [5, 0, 0]), [4, 0, 0], ...repeat(3, () => [5, 0, 0])])).toBeNull()
  })
  it('raises nothing if all queues are stuck', () => {
    expect(over(repeat(12, (look) => [5 + look, 4 + look, 3 + look]))).toBeNull()
  })
  it('needs a whole window', () => {
    expect(over(repeat(5, () => [5, 0, 0]))).toBeNull()
  })
  it('counts once per slot, however often it is examined', () => {
    const rule = memberStalled()
    const group = aGroupView({ members: [{ length: 5 }, {}] })
    for (let look = 0; look < 30; look++) expect(said(rule, group, aMoment({ slot: 1 }))).toBeNull()
  })
  it('says that no process polls it, if its siblings are polled', () => {
    const rule = memberStalled()
    let last: Said | null = null
    for (let slot = 0; slot < 12; slot++) {
      const members = [{ length: 5, pollers: [] }, { pollers: [7] }]
      last = said(rule, aGroupView({ members }), aMoment({ slot }))
    }
    expect(last?.explanation).toContain('No process is waiting')
  })
})

describe('imbalance-significant', () => {
  const uneven = flowSpreadOf([400, 100, 100, 100])
  const even = flowSpreadOf([1000, 1010, 990, 1000])
  if (uneven === null || even === null) throw new Error('there are counts')
  it('says whether the hash or the processes are the cause', () => {
    const given = (flows: typeof uneven, counted: boolean) =>
      said(imbalanceSignificant(() => ({ connections: uneven, flows, counted })))
    for (const counted of [false, true]) {
      expect(given(even, counted)?.explanation).toContain('steering is fair')
      expect(given(uneven, counted)?.explanation).toContain('steering itself is uneven')
    }
    expect(given(even, false)?.evidence.at(-1)?.name).toContain('sampled clients')
    expect(given(even, true)?.evidence.at(-1)?.name).toContain('what members were given')
  })
  it('claims nothing about the hash where no clients were sampled', () => {
    const { explanation, advice } =
      said(imbalanceSignificant(() => ({ connections: uneven, flows: null, counted: false }))) ?? {}
    expect(explanation).not.toContain('steering is fair')
    expect(explanation).toContain('unknown whether the hash or the processes are the cause')
    expect(advice).toContain('Check the balance of this group')
  })
  it('raises nothing for an even spread, an unknown one, and one too small to matter', () => {
    expect(said(imbalanceSignificant(() => ({ connections: even, flows: null, counted: false })))).toBeNull()
    expect(said(imbalanceSignificant(() => null))).toBeNull()
    const slight = flowSpreadOf([11_000, 10_000, 10_000, 10_000])
    if (slight === null) throw new Error('there are counts')
    expect(slight.p).toBeLessThan(0.001)
    expect(said(imbalanceSignificant(() => ({ connections: slight, flows: null, counted: false })))).toBeNull()
  })
})

describe('member-gets-nothing', () => {
  const now = aMoment().now
  const group = (counts: (number | null)[], change: Parameters<typeof aGroupView>[0] = {}) => {
    const total = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)
    const members = counts.map((given) => ({ given }))
    return aGroupView({ given: { total, since: now - 30_000 }, members, ...change })
  }
  it('names the members that got none of so many that chance does not explain it', () => {
    const found = said(memberGetsNothing, group([30, 0, 30]))
    expect(found).toMatchObject({ severity: 'warning', members: [2n] })
    expect(found?.summary).toContain('Member 2 of 3 at tcp 127.0.0.1:8080 got none of 60 connections')
    // 3 * (2/3)^60
    expect(found?.evidence.at(-1)?.value).toBeCloseTo(8.2e-11, 12)
    expect(found?.evidence).toContainEqual({ name: 'counted for', value: 30, unit: 's' })
  })
  it('is not raised for few connections, uncounted ones, UDP, and a full queue', () => {
    // 3 * (2/3)^19 = 0.0014, and (2/3)^20 times 3 is below 0.001.
    expect(said(memberGetsNothing, group([10, 0, 9]))).toBeNull()
    expect(said(memberGetsNothing, group([10, 0, 10]))).not.toBeNull()
    expect(said(memberGetsNothing, aGroupView())).toBeNull()
    expect(said(memberGetsNothing, group([30, 0, 30], { protocol: 'udp' }))).toBeNull()
    const full = [{ given: 60 }, { given: 0, length: 128, limit: 128 }]
    expect(said(memberGetsNothing, aGroupView({ given: { total: 60, since: now }, members: full }))).toBeNull()
  })
  it('says that SO_INCOMING_CPU decides only where no program can', () => {
    const cpus = { setsCpu: true, kernelGroups: [] }
    expect(said(memberGetsNothing, group([30, 0, 30], cpus))?.explanation).toContain('SO_INCOMING_CPU')
    const unread = { setsCpu: true, kernelGroups: undefined }
    expect(said(memberGetsNothing, group([30, 0, 30], unread))?.explanation).toContain('nothing that can be read')
  })
})

describe('program-misses-members', () => {
  it('says that the hash serves the clients where the program can pick no member', () => {
    const program: SteeringProgram = { kind: 'classic', instructions: [{ code: 6, jt: 0, jf: 0, k: 7 }] }
    const rest = { halfOpen: null, closed: [], maxSocks: 128, bindInany: false, hasConns: false }
    const found = said(
      programMissesMembers,
      aGroupView({ members: [{}, {}], kernelGroups: [{ id: 1, members: ['1', '2'], ...rest, program }] }),
    )
    expect(found?.summary).toBe('The BPF program at tcp 127.0.0.1:8080 can pick none of its 2 members.')
    expect(found?.explanation).toContain('The hash serves every client.')
  })
})

describe('udp-newest-takes-all', () => {
  const rule = udpNewestTakesAll(() => 2n)
  const group = (text: string, port: number) => aGroupView({ protocol: 'udp', sharing: 'reuseaddr', text, port })
  it('is only informational on a multicast port, and not raised at a multicast address', () => {
    expect(said(rule, group('0.0.0.0', 9000))?.severity).toBe('warning')
    expect(said(rule, group('0.0.0.0', 9000))?.summary).toContain(': member 2, its process')
    expect(said(rule, group('0.0.0.0', 5353))?.severity).toBe('info')
    const copies = aGroupView({
      protocol: 'udp',
      sharing: 'reuseaddr',
      text: '224.0.0.251',
      port: 9000,
      delivery: 'copies',
    })
    expect(said(rule, copies)).toBeNull()
  })
})

describe('port-hijackable', () => {
  const rule = portHijackable(() => 2n)
  const both = { options: { reuseport: true, reuseaddr: true } }
  const facts1024 = facts({}, { unprivilegedPortStart: 1024 })
  it('needs the option on every member, and an unprivileged port', () => {
    const open = { protocol: 'udp' as const, facts: facts1024, members: [both, both] }
    expect(said(rule, aGroupView(open))?.severity).toBe('warning')
    expect(said(rule, aGroupView({ ...open, port: 53 }))).toBeNull()
    expect(said(rule, aGroupView({ ...open, protocol: 'tcp' }))).toBeNull()
    const one = { options: { reuseport: true, reuseaddr: false } }
    expect(said(rule, aGroupView({ ...open, members: [both, one] }))).toBeNull()
    expect(said(rule, aGroupView({ ...open, members: [both, {}] }))).toBeNull()
  })
  it('is critical once another user is at the same address, not at another', () => {
    const group = (text: string) =>
      aGroupView({
        protocol: 'udp',
        members: [both, both],
        neighbors: [aGroupView({ protocol: 'udp', text, members: [{ uid: 65_534 }] })],
      })
    expect(said(rule, group('127.0.0.1'))?.severity).toBe('critical')
    expect(said(rule, group('127.0.0.2'))?.severity).toBe('warning')
  })
  it('names the user that takes the datagrams, and the others', () => {
    const processes = [7, 9].map((pid) => ({
      pid,
      parent: null,
      command: pid === 7 ? 'named' : 'thief',
      startedAt: null,
    }))
    const known = { processes, users: { 53: 'bind', 99: 'mallory' } }
    const theirs = { cookie: 2n, uid: 99, holders: [9] }
    const group = aGroupView({
      ...known,
      protocol: 'udp',
      members: [{ ...both, uid: 53, holders: [7] }],
      neighbors: [aGroupView({ ...known, protocol: 'udp', members: [theirs] })],
    })
    const { summary, advice } = said(rule, group) ?? { summary: '', advice: '' }
    expect(summary).toContain("mallory (uid 99) with thief (pid 9) takes the others' datagrams")
    expect(advice).toContain('The users are bind (uid 53) with named (pid 7) and mallory (uid 99) with thief (pid 9).')
    expect(
      said(
        portHijackable(() => null),
        group,
      )?.summary,
    ).toContain("one of them takes the others' datagrams")
  })
})

describe('group-shadowed', () => {
  const wide = (text: string, change: object, ...neighbors: ReturnType<typeof aGroupView>[]) =>
    said(groupShadowed, aGroupView({ text, neighbors: neighbors, ...change }))
  const narrow = (text: string, change = {}) => aGroupView({ text, sharing: 'none', members: [{}], ...change })
  it.each([
    ['an address', '0.0.0.0', {}, '10.0.0.1', {}, 'info'],
    ['dual-stack by the IPv4 wildcard', '::', { v6only: false }, '0.0.0.0', {}, 'warning'],
    ['dual-stack by an IPv4 address', '::', { v6only: false }, '10.0.0.1', {}, 'info'],
    ['IPv6 only by IPv4', '::', { v6only: true }, '0.0.0.0', {}, null],
    ['the IPv4 wildcard by a mapped address', '0.0.0.0', {}, '::ffff:10.0.0.1', {}, 'info'],
    ['the IPv4 wildcard by an IPv6 address', '0.0.0.0', {}, '2001:db8::1', {}, null],
    ['the IPv4 wildcard by dual-stack', '0.0.0.0', {}, '::', { v6only: false }, null],
    ['on one interface, by an address', '0.0.0.0', { interface: 'eth1' }, '10.0.0.1', {}, 'info'],
    ['on one interface, by one on another', '0.0.0.0', { interface: 'eth0' }, '10.0.0.1', { interface: 'eth1' }, null],
    ['on one interface, by loopback', '0.0.0.0', { interface: 'eth1' }, '127.0.0.1', {}, null],
    ['on lo, by loopback', '0.0.0.0', { interface: 'lo' }, '127.0.0.1', {}, 'info'],
    ['on one interface, by IPv6 loopback', '::', { interface: 'eth1', v6only: true }, '::1', {}, null],
    ['by loopback where it cannot arrive', '0.0.0.0', {}, '127.0.0.1', { interface: 'eth1' }, null],
    ['by an address that no interface has', '0.0.0.0', {}, '192.0.2.1', { delivery: 'none' }, null],
    ['by a broadcast address', '0.0.0.0', {}, '10.0.0.255', { delivery: 'copies' }, null],
    ['by one that receives nothing', '0.0.0.0', {}, '10.0.0.1', { receiving: 0 }, null],
    ['an unshared one by an unshared one', '0.0.0.0', { sharing: 'none' }, '10.0.0.1', {}, null],
    ['a group that is not a wildcard', '10.0.0.2', {}, '10.0.0.1', {}, null],
  ] as const)('%s', (_, text, change, other, otherChange, severity) => {
    expect(wide(text, change, narrow(other, otherChange))?.severity ?? null).toBe(severity)
  })
  it('limits the traffic to the interface of a bound socket', () => {
    const verdict = wide('0.0.0.0', {}, narrow('10.0.0.1', { interface: 'eth1' }))
    expect(verdict).toMatchObject({ severity: 'info' })
    expect(verdict?.summary).toContain('gets no traffic for 10.0.0.1 on one interface: tcp 10.0.0.1:8080 on eth1 is')
    const dual = wide('::', { v6only: false }, narrow('0.0.0.0', { interface: 'eth1' }))
    expect(dual).toMatchObject({ severity: 'info' })
    expect(dual?.summary).toContain('gets no traffic over IPv4 on one interface: tcp 0.0.0.0:8080 on eth1 is')
  })
  it('is a warning if another program takes the traffic', () => {
    const process = (pid: number, command: string) => ({ pid, parent: 1, command, startedAt: 0 })
    const processes = [process(1, 'mine'), process(2, 'theirs')]
    const verdict = wide(
      '0.0.0.0',
      { members: [{ holders: [1] }], processes },
      narrow('10.0.0.1', { members: [{ holders: [2] }], processes }),
    )
    expect(verdict?.severity).toBe('warning')
    expect(verdict?.explanation).toContain('theirs')
  })
})

describe('mixed-generations', () => {
  const started = (...times: number[]) =>
    times.map((startedAt, at) => ({ pid: at + 1, parent: 99, command: 'a', startedAt }))
  it('splits at the widest gap, if it is wider than both clusters', () => {
    expect(splitByStart(started(0, 10, 20, 9000, 9010))).toMatchObject({
      older: [{ pid: 1 }, { pid: 2 }, { pid: 3 }],
      gap: 8980,
    })
    expect(splitByStart(started(0, 300, 600, 900))).toBeNull()
    expect(splitByStart(started(0, 2000, 4100, 6000))).toBeNull()
    expect(splitByStart(started(0))).toBeNull()
    expect(splitByStart([])).toBeNull()
  })
  const group = (processes: ReturnType<typeof started>) =>
    aGroupView({ processes, members: processes.map(({ pid }) => ({ serving: [pid] })) })
  it('is raised for processes started apart, not for one start', () => {
    expect(said(mixedGenerations, group(started(0, 1, 60_000, 60_001)))?.severity).toBe('warning')
    expect(said(mixedGenerations, group(started(0, 1, 2, 3)))).toBeNull()
  })
  it('treats forks of one master as peers, but not children of another program', () => {
    const forks = started(0, 1, 60_000, 60_001)
    const under = (command: string) => [...forks, { pid: 9, parent: 1, command, startedAt: 0 }]
    const members = forks.map(({ pid }) => ({ serving: [pid] }))
    const ofNine = (command: string) => under(command).map((one) => (one.pid === 9 ? one : { ...one, parent: 9 }))
    expect(said(mixedGenerations, aGroupView({ members, processes: ofNine('a') }))).toBeNull()
    expect(said(mixedGenerations, aGroupView({ members, processes: ofNine('supervisor') }))).not.toBeNull()
  })
  describe('instances', () => {
    const processes = started(0, 60_000)
    const members = processes.map(({ pid }) => ({ serving: [pid] }))
    const raised = (...launches: Partial<Launch>[]) =>
      said(
        mixedGenerations,
        aGroupView({
          members,
          processes,
          launch: (pid) => ({ commandLine: null, unit: null, ...launches[pid - 1] }),
        }),
      ) !== null
    const line = (...commandLine: string[]) => ({ commandLine })
    it.each([
      ['another configuration', line('pgbouncer', 'a.ini'), line('pgbouncer', 'b.ini'), false],
      ['another unit', { unit: 'pgbouncer@1.service' }, { unit: 'pgbouncer@2.service' }, false],
      ['the same', line('server', '-c', 'x'), line('server', '-c', 'x'), true],
      [
        'a reload of HAProxy',
        line('haproxy', '-f', 'x'),
        line('haproxy', '-f', 'x', '-x', '/s', '-sf', '1', '2'),
        true,
      ],
      ['two of them', line('haproxy', '-f', 'x', '-sf', '1'), line('haproxy', '-f', 'x', '-sf', '2'), true],
      ['a restart of Envoy', line('envoy', '--restart-epoch', '0'), line('envoy', '--restart-epoch', '1'), true],
      ['an unreadable command line', {}, line('server'), true],
    ])('%s', (_, one, other, expected) => {
      expect(raised(one, other)).toBe(expected)
    })
  })
})

describe('reload-lost-connections', () => {
  const left = (queued: number) => aMoment({ removed: [{ cookie: 9n, queued }] })
  const withFacts = (grown: Record<string, number>, migrates: boolean | null) =>
    aGroupView({ facts: facts(grown, { migrates }) })
  it('counts waiting connections, is critical if resets confirm it, and clears after a minute', () => {
    const rule = reloadLostConnections()
    const group = withFacts({ EstabResets: 5 }, false)
    expect(said(rule, group, left(5))).toMatchObject({ severity: 'critical', members: [9n] })
    expect(said(rule, group, left(2))?.evidence[0]?.value).toBe(7)
    expect(said(rule, group, aMoment({ now: aMoment().now + 59_000 }))).not.toBeNull()
    expect(said(rule, group, aMoment({ now: aMoment().now + 61_000 }))).toBeNull()
  })
  it('is a warning without confirmation', () => {
    expect(said(reloadLostConnections(), withFacts({ EstabResets: 0 }, false), left(5))?.severity).toBe('warning')
  })
  it('is not raised for an empty queue, a group that ended, or migrated connections', () => {
    expect(said(reloadLostConnections(), aGroupView(), left(0))).toBeNull()
    expect(said(reloadLostConnections(), aGroupView({ members: [] }), left(5))).toBeNull()
    expect(said(reloadLostConnections(), withFacts({ TCPMigrateReqSuccess: 5 }, true), left(5))).toBeNull()
  })
  it('advises the setting only if the kernel supports migration', () => {
    const advice = (migrates: boolean | null) => said(reloadLostConnections(), withFacts({}, migrates), left(5))?.advice
    expect(advice(false)).toMatch(/Set net.ipv4.tcp_migrate_req to 1/)
    expect(advice(null)).not.toMatch(/Set net.ipv4/)
  })
  it('is raised if migration failed', () => {
    const group = withFacts({ TCPMigrateReqSuccess: 1, TCPMigrateReqFailure: 4, EstabResets: 5 }, true)
    expect(said(reloadLostConnections(), group, left(5))).not.toBeNull()
  })
})

describe('drops of a listener with deferred accept', () => {
  const deferring = (grown: Record<string, number>, change = {}) =>
    aGroupView({
      facts: facts({ ListenDrops: 0, ListenOverflows: 0, TCPDeferAcceptDrop: 6, ...grown }, { somaxconn: 511 }),
      members: [{ limit: 511, dropped: 6, ...change }],
    })
  it('are no loss if the namespace lost nothing', () => {
    expect(said(queueOverflowing, deferring({}))).toBeNull()
    expect(said(backlogClamped, deferring({}, { length: 1 }))).toBeNull()
    expect(said(queueOverflowing, deferring({ ListenDrops: 6, ListenOverflows: 6 }))?.severity).toBe('critical')
  })
  it('are unknown once the option was read: then the namespace counters decide', () => {
    const full = { length: 512, drops: null, dropped: null }
    expect(said(queueOverflowing, deferring({}, full))?.severity).toBe('warning')
    expect(said(queueOverflowing, deferring({ ListenOverflows: 2 }, full))?.severity).toBe('critical')
  })
})

describe('not-a-group', () => {
  const processes = ['gunicorn', 'nginx', 'unheard-of'].map((command, pid) => ({
    pid,
    parent: null,
    command,
    startedAt: 0,
  }))
  const shared = (pids: number[], change = {}) =>
    said(
      notAGroup,
      aGroupView({ sharing: 'inherited', members: [{ holders: pids, serving: pids, ...change }], processes }),
    )
  it('names the setting of the program, if one is known', () => {
    expect(shared([0, 0])?.advice).toContain('several instances of gunicorn')
    expect(shared([1, 1])?.advice).toContain('`listen … reuseport`')
    expect(shared([0, 1])?.advice).toMatch(/gunicorn.*nginx/)
    expect(shared([2, 2])?.advice).toBe(
      'If an even spread matters, give each process its own socket with SO_REUSEPORT.',
    )
  })
  it('waits until the workers of a reload have settled', () => {
    const now = aMoment().now
    const since = (...secondsAgo: number[]) =>
      said(
        notAGroup,
        aGroupView({
          sharing: 'inherited',
          members: [{ holders: secondsAgo.map((_, pid) => pid), serving: secondsAgo.map((_, pid) => pid) }],
          processes: secondsAgo.map((ago, pid) => ({ pid, parent: 1, command: 'h2o', startedAt: now - 1000 * ago })),
        }),
      )
    expect(since(600, 1)).toBeNull()
    expect(since(600, 60)).not.toBeNull()
    expect(since(1.2, 1)).not.toBeNull()
    expect(since(600, 599, 1)?.summary).toContain('3 processes')
  })
  it('counts replaced workers of a program as one, however many still run', () => {
    const under = (command: string) => {
      const processes = [1, 2, 3].map((pid) => ({ pid, parent: 9, command: 'h2o', startedAt: 10_000 * pid }))
      const pids = processes.map(({ pid }) => pid)
      return said(
        notAGroup,
        aGroupView({
          sharing: 'inherited',
          members: [{ holders: [9, ...pids], serving: pids }],
          processes: [{ pid: 9, parent: 1, command, startedAt: 0 }, ...processes],
        }),
      )
    }
    expect(under('start_server')).toBeNull()
    expect(under('supervisord')).not.toBeNull()
  })
  it('says that processes wait only if epoll shows it', () => {
    expect(shared([1, 2])?.summary).toMatch(/^One socket at tcp \S+ is shared by 2 processes\.$/)
    const names = (change = {}) => shared([1, 2], change)?.evidence.map(({ name }) => name)
    expect(names()).not.toContain('processes waiting for it with epoll')
    expect(names({ pollers: [1, 2] })).toContain('processes waiting for it with epoll')
  })
  it('says that the option has no effect, if it is set', () => {
    expect(shared([1, 2])?.explanation).not.toContain('SO_REUSEPORT')
    expect(shared([1, 2], { options: { reuseport: true, reuseaddr: false } })?.explanation).toContain('no effect')
  })
})

describe('backlog-clamped', () => {
  const group = (limit: number, length: number, change = {}) =>
    aGroupView({ facts: facts({}, { somaxconn: 4096 }), members: [{ limit, length, ...change }, {}] })
  it('is raised for a limit that equals somaxconn and is too small', () => {
    expect(said(backlogClamped, group(4096, 2048))).not.toBeNull()
    expect(said(backlogClamped, group(4096, 1, { dropped: 2 }))).not.toBeNull()
    expect(said(backlogClamped, group(4096, 0, { dropped: 2 }))).toBeNull()
    expect(said(backlogClamped, group(4096, 2047))).toBeNull()
    expect(said(backlogClamped, group(511, 511))).toBeNull()
  })
})

describe('cpu-steering-partial', () => {
  const rule = cpuSteeringPartial(() => 2)
  const group = (...cpus: (number | 'not set' | null)[]) => aGroupView({ members: cpus.map((cpu) => ({ cpu })) })
  it('is not raised if each CPU has one member, or no member sets it', () => {
    expect(said(rule, group(0, 1))).toBeNull()
    expect(said(rule, group('not set', 'not set'))).toBeNull()
    expect(said(rule, group(null, null))).toBeNull()
    expect(said(rule, group(0, 'not set'))?.summary).toContain('1 of 2 members does not set it')
    expect(said(rule, group(0, 0))?.summary).toContain('1 member shares a CPU')
    expect(
      said(
        cpuSteeringPartial(() => 4),
        group(0, 1),
      )?.summary,
    ).toContain('2 of 4 CPUs have no member')
  })
})

describe('near-group-limit', () => {
  it('warns from nine tenths, and is critical at the limit', () => {
    expect(said(nearGroupLimit, aGroupView({ receiving: 29_491 }))).toBeNull()
    expect(said(nearGroupLimit, aGroupView({ receiving: 29_492 }))?.severity).toBe('warning')
    expect(said(nearGroupLimit, aGroupView({ receiving: 32_768 }))?.severity).toBe('critical')
  })
})

describe('udp-not-read', () => {
  const over = (...lengths: number[]) => {
    const rule = udpNotRead()
    const members = (length: number) => [{ length, limit: 1000, holders: [7] }, {}]
    return lengths.map((length) => said(rule, aGroupView({ protocol: 'udp', members: members(length) })) !== null)
  }
  it('is raised for a queue that is half full and does not shrink', () => {
    expect(over(500, 500, 600)).toEqual([false, true, true])
    expect(over(499, 499, 499)).toEqual([false, false, false])
    expect(over(600, 599, 599)).toEqual([false, false, true])
  })
})

describe('udp-receive-drops', () => {
  it('is raised for new drops, not for old ones', () => {
    expect(said(udpReceiveDrops, aGroupView({ protocol: 'udp', members: [{ drops: 1000 }, {}] }))).toBeNull()
    expect(said(udpReceiveDrops, aGroupView({ protocol: 'udp', members: [{ dropped: 1 }, {}] }))?.members).toEqual([1n])
  })
  it('says so when the namespace counted no full buffer', () => {
    const group = aGroupView({ protocol: 'udp', members: [{ dropped: 1 }, {}], facts: facts({ RcvbufErrors: 0 }) })
    expect(said(udpReceiveDrops, group)?.explanation).toContain('counted no full buffer')
  })
  it('speaks of the hash and of more members only where datagrams are spread', () => {
    const advice = (dropped: number[], change: Parameters<typeof aGroupView>[0] = {}) =>
      said(
        udpReceiveDrops,
        aGroupView({ protocol: 'udp', members: dropped.map((dropped) => ({ dropped })), ...change }),
      )?.advice
    expect(advice([1, 0])).toContain('hash')
    expect(advice([1, 1])).toContain('add members')
    for (const change of [{ delivery: 'copies' }, { sharing: 'reuseaddr' }] as const) {
      expect(advice([1, 0], change)).not.toContain('hash')
      expect(advice([1, 1], change)).toContain('Read faster, or enlarge the buffer')
    }
  })
})

describe('counters of a namespace', () => {
  it('are read from their own table', () => {
    const text =
      'Udp: InDatagrams RcvbufErrors\nUdp: 5 7\nUdpLite: InDatagrams RcvbufErrors\nUdpLite: 1 2\nTcp: EstabResets OutRsts\nTcp: 3 4\n'
    expect([...parseCounters(text)]).toEqual([
      ['RcvbufErrors', 7],
      ['EstabResets', 3],
    ])
    expect(parseCounters('').size).toBe(0)
    expect(parseCounters('TcpExt: ListenDrops\n').size).toBe(0)
  })
  it('say how many connections are established, of both families', () => {
    expect(establishedIn('Ip: Forwarding\nIp: 1\nTcp: MaxConn CurrEstab InSegs\nTcp: -1 12 99\n')).toBe(12)
    expect(establishedIn('Tcp: MaxConn\nTcp: -1\n')).toBeNull()
    expect(establishedIn('')).toBeNull()
  })
  it('show by their names whether the kernel can migrate connections', () => {
    expect(migrationIn('TcpExt: ListenDrops TCPMigrateReqSuccess\nTcpExt: 0 0\n')).toBe(true)
    expect(migrationIn('TcpExt: ListenDrops\nTcpExt: 0\n')).toBe(false)
  })
})
