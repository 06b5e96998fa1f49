/** Rows of a stored group say what those of the same live group say. */
import { expect, test } from 'vitest'
import { groupRow, listedGroup } from '../../../../electron/engine/snapshots/rows.ts'
import { aGroup, aMember, takenAt } from '../../../doubles/snapshots.ts'
import { group as kernelGroup, returning } from '../../../doubles/steering-programs.ts'

const member = (cookie: string, length: number | null, limit: number | null) =>
  aMember({ cookie, queue: { length, limit, unit: 'connections' } })

// As fuller() in native/addon/groups.cc.
test.each([
  ['by utilization, not by length', [member('1', 5, 10), member('2', 90, 1000)], '1'],
  ['a backlog of 0 is full with one connection', [member('1', 1, 0), member('2', 9, 10)], '1'],
  ['an unknown limit comes after every known one', [member('1', 500, null), member('2', 0, 10)], '2'],
  ['of unknown limits the longer one', [member('1', 5, null), member('2', 7, null)], '2'],
  ['unknown lengths are none', [member('1', null, 10), member('2', 0, 10)], '2'],
])('the fullest queue: %s', (_, members, cookie) => {
  const group = aGroup({ members })
  expect(listedGroup(group).fullest).toMatchObject({ cookie })
  expect(groupRow(group, takenAt, null).fullest).toMatchObject({ cookie })
})

test('a line of a list has no members, and owners by command', () => {
  const group = aGroup()
  expect(listedGroup(group)).not.toHaveProperty('members')
  expect(listedGroup(group)).toMatchObject({ receiving: 2, owners: [{ command: 'nginx', processes: 1 }] })
  expect(groupRow(group, takenAt, null).owners).toEqual([{ command: 'nginx', processes: 1, service: null }])
})

test('chance is judged by where the hash serves, also beside a program that picks no member', () => {
  const rates = { perSecond: 0, acceptedPerSecond: null, meanWaitMs: null }
  const given = { count: 200, sample: 200, sampleSince: takenAt, ...rates }
  const members = [120, 80].map((sample, at) =>
    aMember({
      cookie: String(at + 1),
      given: { count: sample, sample, ...rates },
    }),
  )
  const chance = (program: Parameters<typeof kernelGroup>[0]) =>
    groupRow(aGroup({ members, given, kernelGroups: [kernelGroup(program, ['1', '2'])] }), takenAt, null).imbalance
      ?.chance
  expect(chance(null)).toBeGreaterThan(1)
  expect(chance(returning(1))).toBeNull()
  expect(chance(returning(2))).toBe(chance(null))
})
