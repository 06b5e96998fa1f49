import { expect, test } from 'vitest'
import type { GroupRow } from '../../../../../electron/contract/live.ts'
import { severityOf } from '../../../../../electron/contract/trouble.ts'
import type { GroupEntry } from '../../../../../renderer/model/groups/group-table.ts'
import { reasonFor, verdictOf } from '../../../../../renderer/model/groups/verdict.ts'
import { aFinding } from '../../../../doubles/findings.ts'
import { groupRow, withQueue } from '../../../../doubles/group-rows.ts'

function entry(row: GroupRow): GroupEntry {
  const flashes = { members: 0, owners: 0, sharing: 0, queue: 0, drops: 0 }
  return {
    id: row.id,
    row,
    presence: 'here',
    markedUntil: 0,
    trouble: severityOf(row),
    findings: [],
    flashes,
    version: 0,
  }
}

const full = withQueue(groupRow({ receiving: 16, dropsPerSecond: 38 }), 6, 512)

test('one group in trouble is named, with its member and its drops', () => {
  const verdict = verdictOf({ critical: 1, warning: 2, info: 3 }, 22, entry(full))
  expect(verdict.answer).toBe('One group is in trouble.')
  expect(verdict.example?.row.port).toBe(443)
  expect(verdict.reason).toBe('member 7 of 16 is full, dropping 38 connections per second.')
})

test('several are counted', () => {
  expect(verdictOf({ critical: 3, warning: 0, info: 0 }, 22, entry(full)).answer).toBe('3 groups are in trouble.')
})

test('nearly full is not trouble yet', () => {
  const verdict = verdictOf({ critical: 0, warning: 1, info: 0 }, 22, entry(withQueue(groupRow(), 1, 500)))
  expect(verdict.severity).toBe('warning')
  expect(verdict.reason).toBe('member 2 of 4 is nearly full with 500 of 511 connections.')
})

test('no trouble is stated plainly', () => {
  expect(verdictOf({ critical: 0, warning: 0, info: 3 }, 22, null)).toMatchObject({
    severity: 'none',
    answer: 'No group is in trouble.',
    example: null,
  })
  expect(verdictOf({ critical: 0, warning: 0, info: 0 }, 0, null).answer).toBe('No groups on this machine.')
})

test('of one namespace it says which, and that there is trouble elsewhere', () => {
  const where = { name: 'cni-7c', elsewhere: 2 }
  expect(verdictOf({ critical: 0, warning: 0, info: 0 }, 3, null, where)).toMatchObject({
    answer: 'No group in cni-7c is in trouble.',
    reason: '3 groups: no queue is nearly full, and nothing is being dropped. Elsewhere, 2 groups are in trouble.',
  })
  const one = verdictOf({ critical: 1, warning: 0, info: 0 }, 3, entry(full), { name: 'cni-7c', elsewhere: 0 })
  expect(one.answer).toBe('One group in cni-7c is in trouble.')
})

test('beyond 32 members a slot stands for several, so none is named', () => {
  const many = { ...full, receiving: 100 }
  expect(reasonFor(many)).toMatch(/^one of 100 members is full/)
})

test('a socket shared by all processes has one queue', () => {
  const one = withQueue(groupRow({ sharing: 'inherited', receiving: 1, holders: 17 }), 0, 512)
  expect(reasonFor(one)).toBe('its queue is full.')
})

test('UDP loses datagrams', () => {
  expect(reasonFor(groupRow({ protocol: 'udp', dropsPerSecond: 0.04 }))).toBe('dropping <0.1 datagrams per second.')
})

test('receive memory that drops below its limit is full', () => {
  const near = withQueue(groupRow({ protocol: 'udp', dropsPerSecond: 48 }), 1, 212_000)
  expect(reasonFor(near)).toBe('member 2 of 4 is full, dropping 48 datagrams per second.')
  expect(reasonFor({ ...near, dropsPerSecond: 0 })).toMatch(/^member 2 of 4 is nearly full/)
})

test('several full members are counted', () => {
  const two = { ...full, dropsPerSecond: 0, queueUtilization: full.queueUtilization.map((_, i) => (i < 2 ? 1002 : 0)) }
  expect(reasonFor(two)).toBe('2 of 16 members are full.')
  expect(reasonFor({ ...two, queueUtilization: two.queueUtilization.map(() => 1002) })).toBe('all 16 members are full.')
})

test('a finding is the reason if the row shows none', () => {
  const found = { ...entry(groupRow()), findings: [aFinding()] }
  const verdict = verdictOf({ critical: 0, warning: 1, info: 0 }, 22, found)
  expect(verdict.answer).toBe('No group is in trouble; one has a warning.')
  expect(verdict.reason).toBe('sockets of other users can take its datagrams.')
})

test('a finding comes first if it is more severe than the row', () => {
  const near = withQueue(groupRow(), 1, 500)
  const summary = 'Member 2 of 4 of tcp 0.0.0.0:443 is not draining its queue; the others are, or are empty.'
  const stalled = aFinding({ code: 'member-stalled', severity: 'critical', summary })
  const verdict = verdictOf({ critical: 1, warning: 0, info: 0 }, 22, { ...entry(near), findings: [stalled] })
  expect(verdict.reason).toBe('member 2 of 4 is not draining its queue; the others are, or are empty.')
  // Both are critical: the row's numbers are current.
  const both = verdictOf({ critical: 1, warning: 0, info: 0 }, 22, { ...entry(full), findings: [stalled] })
  expect(both.reason).toBe('member 7 of 16 is full, dropping 38 connections per second.')
})
