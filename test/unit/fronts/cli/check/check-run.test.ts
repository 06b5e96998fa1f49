/** Checks over time: what is waited for, and what must hold for how long. */
import { describe, expect, test } from 'vitest'
import { assertAll, type Expectation } from '../../../../../electron/fronts/cli/check/assertions.ts'
import { type Check, CheckRun } from '../../../../../electron/fronts/cli/check/check-run.ts'
import { parseMemberRange, parseRatio, parseShare } from '../../../../../electron/fronts/cli/check/check-values.ts'
import { parseGroupReference } from '../../../../../electron/fronts/cli/group-reference.ts'
import { groupRow } from '../../../../doubles/group-rows.ts'

const results = (expectation: Expectation, row = groupRow(), dropped: number | null = 0) =>
  assertAll(':443', expectation, [row], () => dropped)
    .filter(({ assertion }) => assertion !== 'exists')
    .map(({ assertion, actual, state }) => [assertion, state, actual])

test.each([
  [{ members: { min: 4, max: 4 } }, {}, ['members', 'held', '4']],
  [{ members: { min: 5, max: null } }, {}, ['members', 'failed', '4']],
  [{ sharing: 'reuseport' }, {}, ['sharing', 'held', 'reuseport']],
  [{ sharing: 'reuseport' }, { sharing: 'reuseaddr' }, ['sharing', 'failed', 'reuseaddr']],
  [{ sharing: 'reuseport' }, { sharing: 'unknown' }, ['sharing', 'unknown', 'unknown']],
  [{ sameUnit: true }, {}, ['same-unit', 'held', 'nginx.service']],
  [{ sameUnit: true }, { ownersHidden: 1 }, ['same-unit', 'unknown', 'nginx.service, hidden owners']],
  [{ owner: 'nginx' }, {}, ['owner', 'held', 'nginx']],
  [{ owner: 'haproxy' }, {}, ['owner', 'failed', 'nginx']],
  [{ owner: 'nginx' }, { owners: [], ownersHidden: 4 }, ['owner', 'unknown', 'hidden owners']],
  [
    { maxImbalance: 1.5 },
    { imbalance: { of: 'queues', ratio: 1.6, chance: null } },
    ['max-imbalance', 'failed', '1.60 times the mean, of their queues now'],
  ],
  [{ maxImbalance: 1.5 }, { imbalance: null }, ['max-imbalance', 'held', 'nothing queued']],
  [{ maxQueue: 0.5 }, { fullest: { cookie: '1', length: 300, limit: 511 } }, ['max-queue', 'failed', '58.7%']],
  [{ maxQueue: 0.5 }, { fullest: null }, ['max-queue', 'unknown', 'unknown']],
] as const)('%j of %j', (expectation, row, expected) => {
  expect(results(expectation as Expectation, groupRow(row as object))).toEqual([expected])
})

test('drops are unknown where the counter is', () => {
  expect(results({ noDrops: true }, groupRow(), 3)).toEqual([['no-drops', 'failed', '3 drops']])
  expect(results({ noDrops: true }, groupRow(), null)).toEqual([['no-drops', 'unknown', 'unknown']])
})

test('units of two services are not one, and a process without a unit beside one is not known to be', () => {
  const of = (...services: (string | null)[]) =>
    results(
      { sameUnit: true },
      groupRow({ owners: services.map((service) => ({ command: 'nginx', processes: 1, service })) }),
    )
  expect(of('a.service', 'b.service')).toEqual([['same-unit', 'failed', 'a.service, b.service']])
  expect(of('a.service', null)).toEqual([['same-unit', 'unknown', 'a.service, nginx (no unit)']])
})

test('without a group nothing else is asserted, and two groups are not one', () => {
  expect(assertAll(':443', { members: { min: 1, max: 1 } }, [], () => 0)).toMatchObject([
    { assertion: 'exists', state: 'failed' },
  ])
  const rows = [groupRow(), groupRow({ address: '::', family: 'ipv6' })]
  expect(assertAll(':443', { oneGroup: true }, rows, () => 0)).toMatchObject([
    { assertion: 'one-group', state: 'failed', actual: '2: tcp4 0.0.0.0:443, tcp6 [::]:443' },
  ])
})

test('where no member may be, none is what was expected', () => {
  const states = (members: string, rows = [] as ReturnType<typeof groupRow>[]) =>
    assertAll(':443', { members: parseMemberRange(members), owner: 'nginx' }, rows, () => 0).map(
      ({ assertion, state }) => `${assertion} ${state}`,
    )
  expect(states('0')).toEqual(['members held'])
  expect(states('0..8')).toEqual(['members held'])
  expect(states('..8')).toEqual(['exists failed'])
  expect(states('0', [groupRow()])).toEqual(['exists held', 'members failed', 'owner held'])
  expect(states('0', [groupRow({ receiving: 0 })])).toEqual(['members held'])
})

const aCheck = (given: Partial<Check> = {}): Check => ({
  name: 'web',
  target: ':443',
  reference: parseGroupReference(':443'),
  expectation: { members: { min: 4, max: 4 } },
  holdMs: 0,
  waitMs: 0,
  ...given,
})

describe('over time', () => {
  const run = (given: Partial<Check>, readings: readonly (readonly [number, ReturnType<typeof groupRow>[]])[]) => {
    const check = new CheckRun(aCheck(given), () => null)
    for (const [at, rows] of readings) check.take(rows, at)
    return check.result && [check.result.state, check.result.elapsedMs, check.result.heldMs]
  }
  const good = [groupRow()]
  const bad = [groupRow({ receiving: 3 })]

  test('the first reading decides, unless it may wait', () => {
    expect(run({}, [[0, good]])).toEqual(['held', 0, 0])
    expect(run({}, [[0, bad]])).toEqual(['failed', 0, 0])
    expect(
      run({ waitMs: 1000 }, [
        [0, []],
        [500, bad],
        [900, good],
      ]),
    ).toEqual(['held', 900, 0])
    expect(
      run({ waitMs: 1000 }, [
        [0, bad],
        [500, bad],
      ]),
    ).toBeNull()
    expect(
      run({ waitMs: 1000 }, [
        [0, bad],
        [500, bad],
        [1000, bad],
      ]),
    ).toEqual(['failed', 1000, 0])
  })

  test('it must hold without a break', () => {
    expect(
      run({ holdMs: 1000 }, [
        [0, good],
        [600, good],
      ]),
    ).toBeNull()
    expect(
      run({ holdMs: 1000 }, [
        [0, good],
        [600, good],
        [1000, good],
      ]),
    ).toEqual(['held', 1000, 1000])
    expect(
      run({ holdMs: 1000 }, [
        [0, good],
        [600, bad],
      ]),
    ).toEqual(['failed', 600, 0])
    expect(
      run({ holdMs: 1000, waitMs: 2000 }, [
        [0, good],
        [600, bad],
        [900, good],
        [1900, good],
      ]),
    ).toEqual(['held', 1900, 1000])
  })

  test('what held when the time to wait was over may still hold for long enough', () => {
    expect(
      run({ holdMs: 1000, waitMs: 500 }, [
        [0, bad],
        [400, good],
        [900, good],
      ]),
    ).toBeNull()
    expect(
      run({ holdMs: 1000, waitMs: 500 }, [
        [0, bad],
        [400, good],
        [900, good],
        [1400, good],
      ]),
    ).toEqual(['held', 1400, 1000])
  })

  test('drops count from the start of the time in which nothing may drop', () => {
    const dropped = (drops: number) => [groupRow({ drops })]
    const noDrops = { expectation: { noDrops: true }, waitMs: 5000 }
    expect(
      run(noDrops, [
        [0, dropped(7)],
        [1000, dropped(7)],
      ]),
    ).toEqual(['held', 1000, 1000])
    expect(
      run(noDrops, [
        [0, dropped(7)],
        [500, dropped(9)],
        [1000, dropped(9)],
        [2000, dropped(9)],
      ]),
    ).toEqual(['held', 2000, 1000])
    expect(
      run({ ...noDrops, waitMs: 0 }, [
        [0, dropped(7)],
        [500, dropped(9)],
      ]),
    ).toEqual(['failed', 500, 0])
  })

  test('an interruption confirms nothing', () => {
    const check = new CheckRun(aCheck({ holdMs: 1000 }), () => null)
    check.take(good, 0)
    expect(check.interrupt().state).toBe('unknown')
    const failing = new CheckRun(aCheck({ waitMs: 1000 }), () => null)
    failing.take(bad, 0)
    expect(failing.interrupt().state).toBe('failed')
  })

  test('another namespace does not count', () => {
    const check = new CheckRun(aCheck({ netns: 'blue' }), () => 2)
    check.take([groupRow({ netns: 3 })], 0)
    expect(check.result?.assertions).toMatchObject([{ assertion: 'exists', state: 'failed' }])
  })
})

test('values are strict', () => {
  expect(['8', '4..8', '4..', '..8'].map(parseMemberRange)).toEqual([
    { min: 8, max: 8 },
    { min: 4, max: 8 },
    { min: 4, max: null },
    { min: null, max: 8 },
  ])
  for (const text of ['', '..', '8..4', 'x', '4-8'])
    expect(() => parseMemberRange(text)).toThrow(/not a number of members/)
  expect([parseShare('50%'), parseShare('0.25'), parseRatio('1.5')]).toEqual([0.5, 0.25, 1.5])
  for (const text of ['101%', '2', '-1', 'half']) expect(() => parseShare(text)).toThrow(/not a share/)
  expect(() => parseRatio('0.9')).toThrow(/not a ratio/)
})
