import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { History } from '../../../../../renderer/model/history/history.ts'

const MINUTE = 60_000
const START = 1_700_000_000_000
const at = (seconds: number) => START + seconds * 1000

describe('one group', () => {
  test('a value holds until the next one', () => {
    const history = new History(1 << 20)
    for (let second = 0; second <= 6; second++) history.tick(at(second))
    history.record('a', at(0), 100, 0)
    history.record('a', at(4), 500, 25)
    expect(history.read('a', at(0), at(6)).map(({ utilization: fill }) => fill)).toEqual([
      100, 100, 100, 100, 500, 500, 500,
    ])
    expect(history.read('a', at(3), at(5)).map(({ lost }) => lost)).toEqual([0, 25, 0])
  })

  test('a time without a refresh is left out, not idle', () => {
    const history = new History(1 << 20)
    for (const second of [0, 1, 8, 9]) history.tick(at(second))
    history.record('a', at(0), 100, 0)
    expect(history.read('a', at(0), at(9)).map((sample) => sample.at)).toEqual([at(0), at(1), at(8), at(9)])
  })

  test('between consecutive refreshes the value holds, however long the interval', () => {
    const history = new History(1 << 20)
    for (const second of [0, 5, 10, 60, 65]) history.tick(at(second), 15_000)
    history.record('a', at(0), 100, 0)
    const samples = history.read('a', at(0), at(65))
    expect(samples.map((sample) => (sample.at - START) / 1000)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 60, 61, 62, 63, 64, 65,
    ])
  })

  test('before the group was first seen there is nothing', () => {
    const history = new History(1 << 20)
    for (let second = 0; second <= 4; second++) history.tick(at(second))
    history.record('a', at(3), 100, 0)
    expect(history.read('a', at(0), at(4))).toHaveLength(2)
    expect(history.read('b', at(0), at(4))).toEqual([])
  })

  test('unknown stays unknown', () => {
    const history = new History(1 << 20)
    history.tick(at(0))
    history.record('a', at(0), -1, null)
    expect(history.read('a', at(0), at(0))).toEqual([{ at: at(0), utilization: -1, lost: null }])
  })

  test('within one step the highest counts, and losses add up', () => {
    const history = new History(1 << 20)
    history.tick(at(0))
    history.record('a', at(0), 100, 9)
    history.record('a', at(0.2), 700, 12)
    history.record('a', at(0.4), 200, null)
    history.record('a', at(0.6), 200, 14)
    expect(history.read('a', at(0), at(0.9))).toEqual([{ at: at(0), utilization: 700, lost: 5 }])
  })

  test('a counter that falls is no loss: a member left', () => {
    const history = new History(1 << 20)
    for (const second of [0, 1, 2]) history.tick(at(second))
    history.record('a', at(0), 100, 9)
    history.record('a', at(1), 100, 4)
    history.record('a', at(2), 100, 6)
    expect(history.read('a', at(0), at(2)).map(({ lost }) => lost)).toEqual([0, 0, 2])
  })

  test('what the engine remembers stands before what the page recorded', () => {
    const history = new History(1 << 20)
    history.tick(at(10))
    history.record('a', at(10), 500, 7)
    const before = [7, 8, 9, 10].map((second) => ({ at: at(second), utilization: second, lost: second }))
    history.seed('a', before)
    history.seed('b', before)
    history.tick(at(11))
    history.record('a', at(11), 600, 9)
    const seconds = (id: string) =>
      history.read(id, at(0), at(11)).map(({ at, utilization, lost }) => [(at - START) / 1000, utilization, lost])
    expect(seconds('a')).toEqual([
      [7, 7, 7],
      [8, 8, 8],
      [9, 9, 9],
      [10, 500, 0],
      [11, 600, 2],
    ])
    expect(
      seconds('b')
        .slice(0, 4)
        .map(([, utilization]) => utilization),
    ).toEqual([7, 8, 9, 10])
  })

  test('values older than the window are gone', () => {
    const history = new History(1 << 20, MINUTE)
    for (let second = 0; second <= 90; second++) {
      history.tick(at(second))
      history.record('a', at(second), second, 0)
    }
    const samples = history.read('a', at(0), at(90))
    expect(samples).toHaveLength(60)
    expect(samples[0]).toMatchObject({ at: at(31), utilization: 31 })
  })

  test('a group without changes for longer than the window keeps its value', () => {
    const history = new History(1 << 20, MINUTE)
    history.record('a', at(0), 300, 0)
    for (let second = 0; second <= 200; second++) history.tick(at(second))
    expect(new Set(history.read('a', at(0), at(200)).map(({ utilization: fill }) => fill))).toEqual(new Set([300]))
    history.record('a', at(200), 400, 0)
    const fills = history.read('a', at(0), at(200)).map(({ utilization: fill }) => fill)
    expect(fills).toHaveLength(60)
    expect(fills.slice(0, -1).every((fill) => fill === 300)).toBe(true)
    expect(fills.at(-1)).toBe(400)
  })
})

describe('memory', () => {
  test('never more than the budget, and coarser instead', () => {
    const budget = 4 << 20
    const history = new History(budget)
    expect(history.stepMs).toBe(1000)
    for (let group = 0; group < 20_000; group++) history.record(`group ${group}`, at(0), 1, 0)
    expect(history.bytes).toBeLessThanOrEqual(budget)
    expect(history.stepMs).toBeGreaterThan(1000)
    expect(history.groups).toBe(20_000)
    expect(history.windowMs).toBe(15 * MINUTE)
  })

  test('slots are reused', () => {
    const history = new History(1 << 20)
    const before = history.bytes
    for (let group = 0; group < 100_000; group++) {
      history.record(`group ${group}`, at(group), group % 1000, 0)
      if (group >= 10) history.forget(`group ${group - 10}`)
    }
    expect(history.bytes).toBe(before)
    expect(history.groups).toBe(10)
  })

  test('samples are kept when the steps become coarser', () => {
    const history = new History(64 * 900 * 6, 15 * MINUTE)
    for (let second = 0; second < 60; second++) {
      history.tick(at(second))
      history.record('a', at(second), second === 30 ? 999 : 10, 0)
    }
    for (let group = 0; group < 200; group++) history.record(`other ${group}`, at(59), 1, 0)
    expect(history.stepMs).toBeGreaterThan(1000)
    const fills = history.read('a', at(0), at(59)).map(({ utilization: fill }) => fill)
    expect(Math.max(...fills)).toBe(999)
    expect(fills.at(-1)).toBe(10)
    expect(history.read('other 199', at(0), at(59)).at(-1)?.utilization).toBe(1)
  })
})

test('for any changes, reading equals a plain list', () => {
  const changes = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: -1, max: 1200 })), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(changes, (steps) => {
      const history = new History(1 << 20, MINUTE)
      const values: number[] = []
      let second = 0
      history.record('a', at(0), 5, 0)
      let value = 5
      for (const [pause, next] of steps) {
        for (let i = 0; i < pause; i++) values[second++] = value
        history.record('a', at(second), next, 0)
        value = next
      }
      values[second] = value
      for (let i = 0; i <= second; i++) history.tick(at(i))
      expect(history.read('a', at(0), at(second)).map(({ utilization: fill }) => fill)).toEqual(values.slice(-60))
    }),
  )
})
