/** What counts as even, and what does not. */
import { describe, expect, test } from 'vitest'
import type { MemberLoad } from '../../../../electron/contract/analysis.ts'
import { type Measured, outlierOf, verdictOf } from '../../../../electron/engine/analyze/balance.ts'
import { flowSpreadOf, spreadOf } from '../../../../electron/engine/analyze/statistics.ts'

const fair = flowSpreadOf([500, 510, 490, 500, 505, 495, 500, 500])
const load = (queue: number): MemberLoad => ({
  cookie: '1',
  inode: 1,
  queue,
  drops: 0,
  flows: null,
  given: null,
  pids: [],
})
const queues = (...lengths: number[]) => outlierOf('queued connections', lengths.map(load), ({ queue }) => queue)

describe('members that stand out', () => {
  test.each([
    [[0, 0, 33, 0], [3]],
    [[33, 1], [1]],
    // A drain: the old process accepts nothing any more.
    [
      [0, 13, 0, 17],
      [2, 4],
    ],
    [
      [40, 0, 12, 13, 0, 0, 0, 0],
      [1, 3, 4],
    ],
    [[40, 2, 11, 3, 4, 3, 2, 4], [1]],
    [[17, 13, 12, 0], null],
    [[9, 0, 0, 0], null],
    [[14, 10, 12, 11], null],
    [[30, 10], null],
    [[33], null],
    [[0, 0], null],
    [[], null],
  ])('in %j', (lengths, members) => {
    expect(queues(...lengths)?.members ?? null).toEqual(members)
  })
})

const measured = (members: number, flows: Measured['flows'], more: Partial<Measured> = {}): Measured => {
  return { members, protocol: 'tcp', program: false, flows, given: null, connections: null, ...more }
}

test('a spread that chance hardly explains is not called as even as chance allows', () => {
  const spread = flowSpreadOf([1050, 950, 1000, 1100])
  expect(spread?.p).toBeGreaterThan(0.001)
  expect(spread?.p).toBeLessThan(0.01)
  expect(verdictOf(measured(4, spread)).summary).toMatch(
    /^Not clearly uneven: .*\. Only below p = 0\.001 does it count as uneven\.$/,
  )
  expect(verdictOf(measured(8, fair)).summary).toMatch(/^As even as chance allows: /)
})

test('the verdict is that of the worst spread', () => {
  expect(verdictOf(measured(8, fair)).verdict).toBe('even')
  const one = queues(0, 0, 40, 0, 0, 0, 0, 0)
  expect(verdictOf(measured(8, fair), [one, null])).toEqual({
    verdict: 'queues',
    summary: expect.stringMatching(
      /^Uneven, though the hash is fair: member 3 has 40 of 40 queued connections; 4,000 sampled flows/,
    ),
  })
  expect(verdictOf(measured(8, null), [one]).verdict).toBe('queues')
  const summaryOf = (...lengths: number[]) => verdictOf(measured(8, fair), [queues(...lengths)]).summary
  expect(summaryOf(0, 13, 0, 17)).toMatch(/fair: members 2 and 4 have 30 of 30 queued connections;/)
  expect(summaryOf(...Array(5).fill(20), ...Array(7).fill(0))).toMatch(/fair: 5 members have 100 of 100 queued/)
  const hash = flowSpreadOf([1000, 100, 100, 100])
  expect(verdictOf(measured(4, hash), [one]).verdict).toBe('hash')
})

test('what was really given decides where it is uneven, and a program is named as its cause', () => {
  const given = flowSpreadOf([700, 100, 100, 100])
  expect(verdictOf(measured(4, fair, { given }))).toEqual({
    verdict: 'given',
    summary: expect.stringMatching(
      /^Uneven in what members were given, though the hash is fair: .*; 1,000 connections really given to 4 members, the busiest with 2.80 times its share/,
    ),
  })
  expect(verdictOf(measured(4, null, { given, program: true }))).toMatchObject({
    verdict: 'program',
    summary: expect.stringMatching(/^Uneven by its program: 1,000 connections/),
  })
  expect(verdictOf(measured(4, null, { given: flowSpreadOf([250, 260, 240, 250]) })).verdict).toBe('even')
  // Datagrams of one flow go to one member: no test, so no verdict.
  const datagrams = spreadOf([700, 100, 100, 100])
  expect(verdictOf(measured(4, fair, { protocol: 'udp', given: datagrams })).verdict).toBe('even')
  expect(verdictOf(measured(4, null, { protocol: 'udp', given: datagrams, program: true }))).toEqual({
    verdict: 'program',
    summary: 'Its program decides: 1,000 datagrams really given to 4 members, the busiest with 2.80 times its share.',
  })
})
