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
  let last = frame(0)
  const take = async (refresh: number, ...lengths: number[]) => {
    await counts.read('single')
    last = frame(refresh, ...lengths)
    await counts.observe(last)
  }
  const groupGiven = () => counts.ofGroup(last, 0)
  counts.need()
  await take(1, 0, 0)
  expect([counts.ofMember(7), groupGiven()]).toEqual([undefined, undefined])
  await take(2, 0, 0)
  expect(groupGiven()).toMatchObject({ count: 3, sample: 0, perSecond: null })
  await take(3, 1, 0)
  expect(groupGiven()).toMatchObject({ count: 9, sample: 6 })
  expect([7, 8].map((cookie) => counts.ofMember(cookie)?.sample)).toEqual([2, 4])
  expect(counts.memberChanged(7)).toBe(3)
  await take(4, 1, 0, 0)
  expect(groupGiven()).toMatchObject({ count: 10, sample: 0 })
  expect([7, 8, 9].map((cookie) => counts.ofMember(cookie)?.sample)).toEqual([0, 0, 0])
  await take(5, 1, 0, 0)
  expect(groupGiven()).toBeUndefined()
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
  expect(counts.ofGroup(still, 0)).toMatchObject({ count: 12, sample: 6, perSecond: 0 })
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

test('an answer in parts is taken once it is complete, and one that breaks off is none', async () => {
  const counts = new GivenCounts(answering({ ...counted(['7', 3]), more: true }, { ...counted(['8', 4]), more: false }))
  counts.need()
  await counts.read('single')
  await counts.observe(frame(1, 0, 0))
  expect(counts.ofGroup(frame(1, 0, 0), 0)).toMatchObject({ count: 7 })
  counts.close()

  const lines = [{ line: JSON.stringify({ ...counted(['7', 3]), more: true }) }]
  const end = { line: null, errorText: 'why', status: 1, signal: null } as const
  const broken = new GivenCounts(() => ({ ask: async () => lines.shift() ?? end, end() {} }))
  broken.need()
  await broken.read('single')
  expect([broken.since, broken.unavailable, broken.ofMember(7)]).toEqual([null, 'why', undefined])
})

test('the rows of a frame have their counts when rows moved, and while a newer frame is taken', async () => {
  const counts = new GivenCounts(answering(counted(['7', 1], ['8', 2])))
  const rows = (refresh: number, ...cookies: bigint[]) =>
    new FrameFields({
      frame: fakeFrame(
        refresh,
        cookies.map((cookie) => ({ id: cookie, port: Number(cookie), sockets: [{ cookie }] })),
      ),
      mayDefer: () => false,
    })
  counts.need()
  const first = rows(1, 7n, 8n)
  await counts.read('single')
  await counts.observe(first)
  await counts.read('single')
  const moved = rows(2, 8n)
  await counts.observe(moved)
  expect(counts.ofGroup(moved, 0)?.count).toBe(2)
  expect([0, 1].map((row) => counts.ofGroup(first, row)?.count)).toEqual([1, 2])
  counts.close()
})
