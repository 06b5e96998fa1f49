import { describe, expect, test } from 'vitest'
import { checkSpread, exactCheck, skippedCheck } from '../../../../../electron/engine/lab/recipes/checks.ts'
import { sharesAfter } from '../../../../../electron/engine/lab/recipes/listeners-change.ts'
import { outcomeOf } from '../../../../../electron/engine/lab/recipes/runs.ts'
import { allowedCpus } from '../../../../../electron/engine/lab/recipes/steering.ts'
import {
  busiestShare,
  emptyVariant,
  formatMaxToMin,
  labels,
  markBest,
  maxToMin,
  withCounts,
  withFigures,
} from '../../../../../electron/engine/lab/recipes/variants.ts'

describe('claims', () => {
  test('chance holds, anything else fails, and too little data is inconclusive', () => {
    expect(checkSpread('even', [1000, 1020, 980, 1000]).holds).toBe(true)
    expect(checkSpread('even', [1500, 900, 800, 800]).holds).toBe(false)
    expect(checkSpread('even', [1, 0, 2, 1]).holds).toBeNull()
    expect(checkSpread('in proportion', [400, 300, 500], [4, 3, 5]).holds).toBe(true)
    expect(checkSpread('in proportion', [400, 400, 400], [4, 3, 5]).holds).toBe(false)
  })

  test('the verdict: one failed check fails all, one unchecked claim makes it partly, no checks say nothing', () => {
    const [yes, no, open] = [
      exactCheck('a', true, '', ''),
      exactCheck('b', false, '', ''),
      skippedCheck('c', 'no permission'),
    ]
    expect(outcomeOf([yes, yes])).toBe('holds')
    expect(outcomeOf([yes, open])).toBe('partial')
    expect(outcomeOf([yes, open, no])).toBe('fails')
    expect(outcomeOf([])).toBe('partial')
  })
})

describe('migrated connections', () => {
  const shares = (after: number[], gone: number) =>
    [...sharesAfter([0, 1, 2, 3], after, gone)].map(([member, share]) => [member, Math.round(12 * share)])
  test('from a member in the middle go to two members, from the first and the last to one', () => {
    expect(shares([0, 3, 2], 1)).toEqual([
      [0, 4],
      [3, 5],
      [2, 3],
    ])
    expect(shares([3, 1, 2], 0)).toEqual([
      [3, 6],
      [1, 3],
      [2, 3],
    ])
    expect(shares([0, 1, 2], 3)).toEqual([
      [0, 3],
      [1, 3],
      [2, 6],
    ])
  })
})

describe('variants', () => {
  test('ratios: null where a worker got nothing', () => {
    expect(maxToMin([10, 5])).toBe(2)
    expect(maxToMin([10, 0])).toBeNull()
    expect(formatMaxToMin([10, 0, 0])).toBe('2 of 3 got nothing')
    expect(formatMaxToMin([21, 10])).toBe('2.10×')
    expect(busiestShare([3, 1])).toBe(75)
    expect(busiestShare([0, 0])).toBeNull()
  })

  test('the best of a figure is marked where it is compared and known', () => {
    const about = { title: 'a', subtitle: 'b', shape: 'shared' } as const
    const way = (throughput: number | null, p99: number | null) =>
      withFigures(withCounts(emptyVariant(about, labels(2), ['throughput', 'p99']), [1, 2]), { throughput, p99 })
    const marks = markBest([way(10, 3), way(20, null), way(null, 2)], { throughput: 'highest', p99: 'lowest' }).map(
      ({ figures }) => figures.map(({ highlight: mark }) => mark),
    )
    expect(marks).toEqual([
      [null, null],
      ['best', null],
      [null, 'best'],
    ])
  })
})

test('the CPUs that can be used', () => {
  expect(allowedCpus('Name:\tx\nCpus_allowed_list:\t0-2,5\n')).toEqual([0, 1, 2, 5])
  expect(allowedCpus('Cpus_allowed_list:\t3\n')).toEqual([3])
})
