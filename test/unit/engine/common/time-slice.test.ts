import { afterEach, beforeEach, expect, test } from 'vitest'
import { TimeSlice } from '../../../../electron/engine/common/time-slice.ts'

let turn = 0
let counter: NodeJS.Immediate
const countTurns = () => {
  turn++
  counter = setImmediate(countTurns)
}
beforeEach(countTurns)
afterEach(() => clearImmediate(counter))

test('several works have one slice in a turn of the event loop, each in its order', async () => {
  const had: [work: number, turn: number][] = []
  const work = async (number: number) => {
    const slice = new TimeSlice()
    for (let slices = 0; slices < 3; slices++) {
      await slice.next()
      had.push([number, turn])
    }
  }
  await Promise.all([work(1), work(2), work(3)])
  expect(had.map(([number]) => number)).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3])
  expect(new Set(had.map(([, turn]) => turn)).size).toBe(9)
})
