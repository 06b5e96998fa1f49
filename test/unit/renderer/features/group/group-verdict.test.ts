import { describe, expect, test } from 'vitest'
import type { GroupChange, GroupRow, MemberRow } from '../../../../../electron/contract/live.ts'
import { groupVerdict } from '../../../../../renderer/features/group/group-verdict.ts'
import { MemberTable } from '../../../../../renderer/features/group/member-table.ts'
import { groupRow, holder, memberRow } from '../../../../doubles/group-engine.ts'
import { change } from './change.ts'

function verdict(
  rows: MemberRow[],
  changes: Partial<GroupRow> = {},
  fullFor: Parameters<typeof groupVerdict>[2] = null,
) {
  const table = new MemberTable()
  const snapshot: GroupChange = change({ joined: rows, row: groupRow(rows) })
  table.apply(snapshot, 0)
  const { severity, answer, reason } = groupVerdict({ ...groupRow(rows), ...changes }, table.columns(), fullFor)
  return `${severity}: ${answer} ${reason}`.trim()
}
const tcp = (length: number, dropsPerSecond = 0) => ({
  queue: { length, limit: 511, unit: 'connections' as const },
  dropsPerSecond,
})
const udp = (length: number, dropsPerSecond = 0) => ({
  state: 'unconnected' as const,
  queue: { length, limit: 212_992, unit: 'bytes' as const },
  dropsPerSecond,
})
const sixteen = (seventh: Partial<MemberRow>) =>
  Array.from({ length: 16 }, (_, i) => memberRow(String(100 + i), i === 6 ? seventh : tcp(i % 3)))

describe('the sentence', () => {
  test('one member is full', () => {
    expect(verdict(sixteen(tcp(512, 38)), {}, { ms: 38_000, atLeast: false })).toBe(
      'critical: Member 7 is full. 512 connections queued (limit 511), for 38 s; 38 new connections dropped per second. The other 15 are nearly empty.',
    )
  })
  test('at its limit it still accepts one more', () => {
    expect(verdict(sixteen(tcp(511)))).toBe(
      'warning: Member 7 is nearly full. Its queue holds 511 of 511 connections; nothing is being dropped.',
    )
  })
  test('a receive queue that drops is full below its limit', () => {
    expect(verdict([memberRow('1', udp(212_400, 9)), memberRow('2', udp(0))])).toBe(
      'critical: Member 1 is full. 207 of 208 KiB of datagrams queued; 9 datagrams dropped per second. The other one is empty.',
    )
  })
  test('one process is slow', () => {
    const rows = Array.from({ length: 40 }, (_, i) =>
      memberRow(String(100 + i), {
        ...tcp(i < 8 ? 512 : 0, i < 8 ? 2 : 0),
        holders: [holder(10 + Math.floor(i / 10), 'edge')],
      }),
    )
    expect(verdict(rows)).toBe(
      'critical: One process is slow. 8 of the 10 members of edge 10 are full; 16 new connections dropped per second; no other member is.',
    )
  })
  test('a few are named', () => {
    const rows = Array.from({ length: 8 }, (_, i) => memberRow(String(i + 1), tcp(i < 2 ? 512 : 200)))
    expect(verdict(rows)).toBe(
      'critical: 2 of 8 members are full. Members 1 and 2. The other 6 are at most 39\u00a0% full.',
    )
  })
  test('all of them', () => {
    expect(verdict([memberRow('1', tcp(512, 1)), memberRow('2', tcp(512, 1))])).toBe(
      'critical: Both members are full. 2 new connections dropped per second.',
    )
  })
  test('it drops between refreshes', () => {
    expect(verdict([memberRow('1', tcp(100, 3)), memberRow('2', tcp(0))])).toBe(
      'critical: Member 1 is dropping 3 connections per second. The fullest queue is at 20\u00a0% right now: it fills and drains between refreshes.',
    )
  })
  test('nothing is wrong', () => {
    expect(verdict([memberRow('1', tcp(0)), memberRow('2', tcp(5))])).toBe(
      'none: Nothing is wrong here. The fullest queue holds 5 of 511 connections. Nothing is being dropped.',
    )
  })
  test('unknown values are not reported as fine', () => {
    const unknown = { queue: { length: null, limit: null, unit: 'connections' as const }, dropsPerSecond: null }
    expect(verdict([memberRow('1', unknown)], { dropsPerSecond: null })).toBe(
      'none: Nothing is known to be wrong here. Its queue lengths are unknown. Drops are unknown.',
    )
  })
  test('kinds of sharing that do not distribute', () => {
    const two = [memberRow('1', udp(0)), memberRow('2', udp(0))]
    expect(verdict(two, { sharing: 'reuseaddr' })).toMatch(/^info: The newest member receives everything\./)
    expect(verdict(two, { sharing: 'reuseaddr', protocol: 'udp', address: '224.0.0.251' })).toMatch(
      /^none: Nothing is wrong here\./,
    )
    expect(verdict([memberRow('1', tcp(0))], { sharing: 'inherited', holders: 8 })).toMatch(
      /^none: One queue, not a group\. One socket shared by 8 processes\./,
    )
    expect(verdict([memberRow('1', tcp(0))], { sharing: 'none' })).toMatch(
      /^none: An unshared socket: it is in no group\./,
    )
    // No holder is visible: there may be none, or several that inherited it.
    expect(verdict([memberRow('1', tcp(0))], { sharing: 'none', ownersHidden: 1 })).toMatch(
      /^none: An unshared socket, as far as is visible/,
    )
    expect(verdict(two, { sharing: 'unknown' })).toMatch(/^info: How these sockets share the port is unknown\./)
    expect(
      verdict([memberRow('1', { state: 'bound', queue: { length: null, limit: null, unit: 'connections' } })]),
    ).toMatch(/^none: No receiving socket\./)
  })
})
