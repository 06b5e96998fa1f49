/** The differences between two snapshots, from known states. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Comparison } from '../../../../electron/contract/comparison.ts'
import type { Group, Member, Snapshot } from '../../../../electron/contract/model.ts'
import { compare, compareInSlices } from '../../../../electron/engine/snapshots/compare.ts'
import { pairGroups } from '../../../../electron/engine/snapshots/compare-pairs.ts'
import { describeRate } from '../../../../electron/engine/snapshots/describe-comparison.ts'
import { arbitrarySnapshot } from '../../../doubles/arbitrary-snapshot.ts'
import { aGroup, aMember, aSnapshot } from '../../../doubles/snapshots.ts'

const boot = { hostname: 'edge-07', kernelRelease: '6.18.4', bootId: 'one', uid: 0, capabilities: [] }
const at = (seconds: number, groups: Group[], given: Partial<Snapshot> = {}) =>
  aSnapshot({ host: boot, takenAt: new Date(seconds * 1000).toISOString(), groups, ...given })
const holder = (pid: number, command = 'nginx', startedAt = '2026-01-01T00:00:00.000Z') => ({
  pid,
  fds: [6],
  command,
  startedAt,
})
const member = (cookie: number, given: Partial<Member> = {}) => aMember({ cookie: String(cookie), ...given })
const queue = (length: number, limit = 511) => ({ length, limit, unit: 'connections' as const })
const only = (comparison: Comparison) => {
  expect(Comparison.parse(comparison)).toEqual(comparison)
  expect(comparison.groups).toHaveLength(1)
  const [group] = comparison.groups
  if (group === undefined) throw new Error('there is none')
  return group
}

test('a snapshot does not differ from itself', () => {
  fc.assert(
    fc.property(arbitrarySnapshot, (snapshot) => {
      const comparison = compare(snapshot, snapshot)
      expect(comparison.groups).toEqual([])
      expect(comparison.unchanged).toBe(snapshot.groups.length)
      expect([...comparison.raised, ...comparison.cleared, ...comparison.sysctls]).toEqual([])
    }),
  )
})

test('groups with one endpoint, however many, are paired without comparing each with each', () => {
  const many = 5000
  let looks = 0
  const groups = (side: string) =>
    Array.from({ length: many }, (_, number) =>
      Object.defineProperty(aGroup({ id: number.toString(16).padStart(16, '0') }), 'user', {
        get() {
          looks++
          return `${side} ${number}`
        },
      }),
    )
  const pairing = pairGroups(at(0, groups('before')), at(1, groups('after')), 'endpoint')
  let step = pairing.next()
  while (!step.done) step = pairing.next()
  const pairs = step.value
  expect(pairs.map(({ before, after }) => [before?.id, after?.id])).toEqual(
    pairs.map((_, number) => Array(2).fill(number.toString(16).padStart(16, '0'))),
  )
  expect(pairs).toHaveLength(many)
  expect(looks).toBeLessThan(10 * many)
})

test('the event loop has its turns while many groups are compared, and the result is the same', async () => {
  const groups = (side: number) =>
    Array.from({ length: 3000 }, (_, number) =>
      aGroup({ id: number.toString(16).padStart(16, '0'), members: [member(number + side)] }),
    )
  const [before, after] = [at(0, groups(0)), at(1, groups(1))]
  let turns = 0
  let ended = false
  const turn = () => {
    turns++
    if (!ended) setImmediate(turn)
  }
  setImmediate(turn)
  const compared = await compareInSlices(before, after)
  ended = true
  expect(turns).toBeGreaterThan(1)
  expect(compared).toEqual(compare(before, after))
})

test('UDP queues are given in KiB, as everywhere', () => {
  const udp = (socket: number, length: number, limit = 212_992) =>
    aGroup({
      protocol: 'udp',
      queue: { length, limit, unit: 'bytes' },
      members: [member(socket, { state: 'unconnected', queue: { length, limit, unit: 'bytes' } })],
    })
  const words = (before: Group[], after: Group[]) => only(compare(at(0, before), at(1, after))).summary
  expect(words([udp(1, 12_800)], [udp(1, 768)])).toEqual([
    'The fullest queue changed from 12.5 KiB to 768 B of 208 KiB.',
  ])
  expect(words([udp(1, 0)], [udp(1, 0, 425_984)])).toEqual([
    'The limit of its fullest member changed from 208 KiB to 416 KiB.',
  ])
  expect(words([udp(1, 12_800)], [])).toEqual(['Removed: 1 member. 12.5 KiB queued when last seen.'])
  expect(words([udp(1, 12_800)], [udp(2, 0)])).toContain(
    '1 socket removed and 1 added; 12.5 KiB queued there when last seen.',
  )
})

test('two that were taken by different users say so: one of them may not see all', () => {
  const as = (uid: number, given: Partial<Snapshot> = {}) => at(0, [], { host: { ...boot, uid }, ...given })
  const words =
    'The first snapshot was taken as uid 0, the second as uid 1000: what only one of them can see is shown as added or removed.'
  expect(compare(as(0), as(1000)).summary).toContain(words)
  expect(compare(as(0), as(0)).summary.join()).not.toContain('taken as')
  // Pseudonyms of users say nothing about permissions.
  const [one, other] = ['a', 'b'].map((redactionKeyId) => ({ redacted: ['users' as const], redactionKeyId }))
  expect(compare(as(0x8000_0001, one), as(0x8000_0002, other)).summary.join()).not.toContain('taken as')
})

test('every group of both is listed once, and swapping the snapshots swaps added and removed', () => {
  fc.assert(
    fc.property(arbitrarySnapshot, arbitrarySnapshot, (before, other) => {
      const after = { ...other, host: before.host }
      const there = compare(before, after)
      const back = compare(after, before)
      const kinds = (comparison: Comparison, kind: string) =>
        comparison.groups.filter(({ change }) => change === kind).length
      expect(kinds(there, 'added')).toBe(kinds(back, 'removed'))
      expect(kinds(there, 'removed')).toBe(kinds(back, 'added'))
      const both = kinds(there, 'changed') + there.unchanged
      expect(both + kinds(there, 'added')).toBe(after.groups.length)
      expect(both + kinds(there, 'removed')).toBe(before.groups.length)
      Comparison.parse(there)
    }),
  )
})

test('workers that left with connections in their queues', () => {
  const before = [aGroup({ members: [member(1, { queue: queue(37) }), member(2), member(3)] })]
  const after = [aGroup({ members: [member(2), member(3)] })]
  const group = only(compare(at(0, before), at(10, after)))
  expect(group).toMatchObject({
    change: 'changed',
    members: { before: 3, after: 2 },
    removed: [{ cookie: '1' }],
    added: [],
  })
  expect(group.summary).toContain('1 socket removed; 37 connections queued there when last seen.')
})

test('a reload: other processes of the same program', () => {
  const later = '2026-01-02T00:00:00.000Z'
  const before = [aGroup({ members: [member(1, { holders: [holder(10)] })] })]
  const after = [aGroup({ members: [member(1, { holders: [holder(20, 'nginx', later)] })] })]
  const group = only(compare(at(0, before), at(10, after)))
  expect(group.generation).toEqual({ before: '2026-01-01T00:00:00.000Z', after: later })
  expect(group.owner).toBeNull()
  expect(group.changed).toMatchObject([{ cookie: '1', generation: { before: [10], after: [20] } }])
})

test('the same pid of a later process is another generation', () => {
  const before = [aGroup({ members: [member(1, { holders: [holder(10)] })] })]
  const after = [aGroup({ members: [member(1, { holders: [holder(10, 'nginx', '2026-01-03T00:00:00.000Z')] })] })]
  expect(only(compare(at(0, before), at(10, after))).generation).not.toBeNull()
})

test('another program', () => {
  const before = [aGroup({ members: [member(1, { holders: [holder(10)] })] })]
  const after = [aGroup({ members: [member(1, { holders: [holder(10, 'evil')] })] })]
  const group = only(compare(at(0, before), at(10, after)))
  expect(group.owner).toEqual({
    before: [{ command: 'nginx', processes: 1 }],
    after: [{ command: 'evil', processes: 1 }],
  })
  expect(group.summary).toContain('Held by nginx before, by evil now.')
})

test('an owner that is no longer visible is no other owner', () => {
  const before = [aGroup({ members: [member(1, { holders: [holder(10)] })] })]
  const after = [aGroup({ members: [member(1, { holders: null, pollers: null })] })]
  expect(compare(at(0, before), at(10, after)).groups).toEqual([])
})

test('drops and queues as rates', () => {
  const before = [aGroup({ members: [member(1, { drops: 100 }), member(2, { drops: 7, queue: queue(3) })] })]
  const after = [
    aGroup({
      members: [member(1, { drops: 1582 }), member(2, { drops: 7, queue: queue(512) })],
      queue: { length: 512, limit: 1022, unit: 'connections' },
    }),
  ]
  const group = only(compare(at(0, before), at(100, after)))
  expect(group).toMatchObject({ dropped: 1482, droppedPerSecond: 14.82, queuePerSecond: 5.12 })
  expect(group.summary).toEqual([
    '1,482 connection attempts were dropped, 14.8 per second.',
    'A member is full: 512 of 511 connections.',
  ])
})

test('drops of a removed member are no gain, and those of a new one count', () => {
  const before = [aGroup({ members: [member(1, { drops: 1000 }), member(2, { drops: 5 })] })]
  const after = [aGroup({ members: [member(2, { drops: 5 }), member(3, { drops: 4 })] })]
  expect(only(compare(at(0, before), at(10, after))).dropped).toBe(4)
})

test('an unknown count is not 0', () => {
  const before = [aGroup({ members: [member(1, { drops: null }), member(2)] })]
  const after = [aGroup({ members: [member(1, { drops: null })] })]
  expect(only(compare(at(0, before), at(10, after)))).toMatchObject({ dropped: null, droppedPerSecond: null })
})

test('a small change of a queue is not reported', () => {
  const before = [aGroup({ members: [member(1, { queue: queue(3) })] })]
  const after = [aGroup({ members: [member(1, { queue: queue(9) })] })]
  expect(compare(at(0, before), at(10, after))).toMatchObject({ groups: [], unchanged: 1 })
})

test('sharing and evidence', () => {
  const before = [aGroup({ protocol: 'udp', sharing: 'unknown', evidence: 'none' })]
  const after = [aGroup({ protocol: 'udp', sharing: 'reuseaddr', evidence: 'socket-option' })]
  const group = only(compare(at(0, before), at(10, after)))
  expect(group).toMatchObject({
    sharing: { before: 'unknown', after: 'reuseaddr' },
    evidence: { before: 'none', after: 'socket-option' },
  })
})

describe('findings', () => {
  const finding = (code: string, group: string) => ({
    code,
    severity: 'critical' as const,
    group,
    members: [],
    summary: code,
    evidence: [],
    explanation: '',
    advice: '',
    mentions: [],
  })
  test('raised and cleared, through another id of the same endpoint', () => {
    const before = at(0, [aGroup({ id: '0000000000000001' })], {
      findings: [finding('stays', '0000000000000001'), finding('clears', '0000000000000001')],
    })
    const after = at(10, [aGroup({ id: '0000000000000002' })], {
      host: { ...boot, bootId: 'two' },
      findings: [finding('stays', '0000000000000002'), finding('comes', '0000000000000002')],
    })
    const comparison = compare(before, after)
    expect(comparison.raised.map(({ code }) => code)).toEqual(['comes'])
    expect(comparison.cleared.map(({ code }) => code)).toEqual(['clears'])
  })
})

describe('two machines', () => {
  const other = { ...boot, hostname: 'edge-08', bootId: 'two' }
  test('compare by endpoint, without individual members', () => {
    const before = at(0, [aGroup({ id: '0000000000000001', netns: 1 }), aGroup({ id: '0000000000000003', port: 80 })], {
      namespaces: [
        { inode: 1, name: 'host', self: true },
        { inode: 4026531840, name: 'web', self: false },
      ],
    })
    const after = at(10, [aGroup({ id: '0000000000000002', netns: 2, members: [member(9)] })], {
      host: other,
      namespaces: [{ inode: 2, name: 'other', self: true }],
    })
    const comparison = compare(before, after)
    expect(comparison.matchedBy).toBe('endpoint')
    expect(comparison.groups.map(({ change, key }) => [change, key.port])).toEqual([
      ['changed', 443],
      ['removed', 80],
    ])
    expect(comparison.groups[0]).toMatchObject({
      idBefore: '0000000000000001',
      members: { before: 2, after: 1 },
      added: [],
      removed: [],
      dropped: null,
    })
    expect(comparison.summary.join(' ')).toMatch(/they come from two machines, edge-07 and edge-08/)
  })

  test('a rebooted machine is reported as such', () => {
    const comparison = compare(at(0, []), at(10, [], { host: { ...boot, bootId: 'two' } }))
    expect(comparison.summary.join(' ')).toMatch(/rebooted/)
  })
})

test('a second snapshot that is older: no rates, and a note', () => {
  const comparison = compare(at(100, [aGroup()]), at(0, [aGroup({ members: [member(4097)] })]))
  expect(only(comparison).droppedPerSecond).toBeNull()
  expect(comparison.summary.join(' ')).toMatch(/taken 1 minute 40 seconds before the first/)
})

test('kernel settings', () => {
  const comparison = compare(at(0, []), at(1, [], { sysctls: { 'net.core.somaxconn': 128 } }))
  expect(comparison.sysctls).toEqual([{ name: 'net.core.somaxconn', before: 4096, after: 128 }])
})

test.each([
  [14.82, '14.8 per second'],
  [1500, '1,500 per second'],
  [0.5, '30 per minute'],
  [1 / 3600, '1 per hour'],
  [0.00001, '0.9 per day'],
])('%d is %s', (rate, words) => {
  expect(describeRate(rate)).toBe(words)
})
