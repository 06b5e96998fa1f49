/** Counting starts when it is needed, and ends with the need. */
import { afterEach, expect, test, vi } from 'vitest'
import { FrameFields } from '../../../../electron/engine/collect/frame-fields.ts'
import { GivenCounts } from '../../../../electron/engine/collect/given-counts.ts'
import { answering, notInstalled } from '../../../doubles/bpf-program.ts'
import { fakeFrame } from '../support/frame.ts'

afterEach(() => vi.useRealTimers())

const counted = (...given: [string, number][]) => ({ since: 1000, given, removed: [] as string[] })
const frame = (refresh: number, ...lengths: number[]) =>
  new FrameFields({
    frame: fakeFrame(refresh, [
      { id: 1n, port: 80, sockets: lengths.map((length, at) => ({ cookie: BigInt(7 + at), length })) },
    ]),
    mayDefer: () => false,
  })

test('nothing is started before it is needed, and what was counted is forgotten ten seconds after', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const counts = new GivenCounts(answering(counted(['7', 3])))
  await counts.read('single')
  expect(counts.since).toBeNull()
  counts.need()
  await counts.read('single')
  expect(counts.since).toEqual(new Date(1000))
  vi.advanceTimersByTime(9000)
  counts.need()
  vi.advanceTimersByTime(9000)
  expect(counts.since).not.toBeNull()
  vi.advanceTimersByTime(30_000)
  expect(counts.since).toBeNull()
  counts.close()
})

test('a group is counted where each of its members is; a new member starts another sample', async () => {
  const counts = new GivenCounts(
    answering(counted(['7', 3]), counted(['8', 0]), counted(['7', 5], ['8', 4]), counted(['9', 1]), {
      ...counted(),
      removed: ['7'],
    }),
  )
  const take = async (refresh: number, ...lengths: number[]) => {
    await counts.read('single')
    await counts.observe(frame(refresh, ...lengths))
  }
  counts.need()
  await take(1, 0, 0)
  expect([counts.ofMember(7), counts.ofGroup(7)]).toEqual([undefined, undefined])
  await take(2, 0, 0)
  expect(counts.ofGroup(7)).toMatchObject({ count: 3, sample: 0, perSecond: null })
  await take(3, 1, 0)
  expect(counts.ofGroup(7)).toMatchObject({ count: 9, sample: 6 })
  expect([7, 8].map((cookie) => counts.ofMember(cookie)?.sample)).toEqual([2, 4])
  expect(counts.memberChanged(7)).toBe(3)
  await take(4, 1, 0, 0)
  expect(counts.ofGroup(7)).toMatchObject({ count: 10, sample: 0 })
  expect([7, 8, 9].map((cookie) => counts.ofMember(cookie)?.sample)).toEqual([0, 0, 0])
  await take(5, 1, 0, 0)
  expect(counts.ofGroup(7)).toBeUndefined()
  counts.close()
})

test('where it cannot be started, the reason stays, and nothing is tried again', async () => {
  const counts = new GivenCounts(notInstalled)
  counts.need()
  await counts.read('single')
  expect(counts.unavailable).toMatch(/^the BPF reader is not installed/)
  counts.need()
  await counts.read('single')
  expect(counts.since).toBeNull()
})

test('a group at rest is left out until it is given something, and its sample goes on', async () => {
  const counts = new GivenCounts(answering(counted(['7', 3], ['8', 3]), counted(), counted(), counted(['8', 9])))
  const takeRow = vi.spyOn(FrameFields.prototype, 'receiving')
  counts.need()
  /** The same row in each frame, which did not change after the first. */
  const still = frame(1, 0, 0)
  const taken: number[] = []
  for (let turn = 0; turn < 5; turn++) {
    await counts.read('single')
    takeRow.mockClear()
    await counts.observe(still)
    taken.push(takeRow.mock.calls.length)
  }
  takeRow.mockRestore()
  // Twice until its rates are known, then when it is given something, and once more until they are 0 again.
  expect(taken.map((calls) => calls > 0)).toEqual([true, true, false, true, true])
  expect(counts.ofGroup(7)).toMatchObject({ count: 12, sample: 6, perSecond: 0 })
  counts.close()
})

test.for(['7', '8'])(
  'a group is not counted once its member %s is not, though its row did not change',
  async (gone) => {
    const nothing = counted()
    const counts = new GivenCounts(
      answering(counted(['7', 3], ['8', 3]), nothing, nothing, { ...nothing, removed: [gone] }),
    )
    counts.need()
    const still = frame(1, 0, 0)
    // At rest by the third answer.
    for (const known of [true, true, true, false]) {
      await counts.read('single')
      await counts.observe(still)
      expect([7, 8].map((cookie) => counts.ofMember(cookie) !== undefined)).toEqual([known, known])
    }
    counts.close()
  },
)
