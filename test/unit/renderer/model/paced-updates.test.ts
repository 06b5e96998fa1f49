import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PacedUpdates } from '../../../../renderer/model/paced-updates.ts'

let frames: FrameRequestCallback[]
let now: number
beforeEach(() => {
  frames = []
  now = 0
  vi.stubGlobal('requestAnimationFrame', (callback: FrameRequestCallback) => frames.push(callback))
  vi.spyOn(performance, 'now').mockImplementation(() => now)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** One animation frame. */
function frame(): void {
  for (const callback of frames.splice(0)) callback(now)
}

test('a frame updates as much as fits, and the next ones the rest', () => {
  const updates = new PacedUpdates()
  const done: number[] = []
  for (let at = 0; at < 10; at++) {
    updates.request(() => {
      done.push(at)
      now += 1
    })
  }
  expect(done).toEqual([])
  frame()
  expect(done.length).toBeGreaterThan(0)
  expect(done.length).toBeLessThan(10)
  for (let more = 0; more < 10; more++) frame()
  expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(frames).toEqual([])
})

test('what is requested twice is called once, and what is canceled never', () => {
  const updates = new PacedUpdates()
  const [twice, canceled] = [vi.fn(), vi.fn()]
  updates.request(twice)
  updates.request(canceled)
  updates.request(twice)
  updates.cancel(canceled)
  frame()
  expect(twice).toHaveBeenCalledTimes(1)
  expect(canceled).not.toHaveBeenCalled()
})
