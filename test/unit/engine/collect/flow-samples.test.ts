/** Recent clients are kept of the groups that are asked for, and no longer than they are. */
import { afterEach, expect, test, vi } from 'vitest'
import { FlowSamples } from '../../../../electron/engine/collect/flow-samples.ts'
import { answering, ending, notInstalled } from '../../../doubles/bpf-program.ts'

afterEach(() => vi.useRealTimers())

type Flow = [cookie: string, address: string, port: number, at: number]
const answer = (flows: Flow[], members: [cookie: string, given: number, sampled: number][] = [], more = false) => ({
  since: 1000,
  flows,
  members,
  more,
})
const NONE = { since: '1970-01-01T00:00:01.000Z', given: 0, sampled: 0, flows: [] }

test('clients of the group that was asked for, the latest first; the others are not kept', async () => {
  const samples = new FlowSamples(
    answering(
      answer([]),
      answer([['7', '192.0.2.1', 40_000, 2000]], [['7', 1, 1]], true),
      answer(
        [
          ['8', '192.0.2.2', 40_001, 2001],
          ['9', '192.0.2.3', 40_002, 2002],
          ['7', '192.0.2.1', 40_000, 2003],
        ],
        [
          ['7', 40, 2],
          ['8', 1, 1],
          ['9', 1, 1],
        ],
      ),
      answer([], [['8', 0, 0]]),
    ),
  )
  expect(await samples.of('a', ['7', '8'])).toEqual(NONE)
  await samples.read('now')
  await samples.read('now')
  const first = { at: '1970-01-01T00:00:02.003Z', address: '192.0.2.1', port: 40_000, cookie: '7', sampled: 2 }
  const second = { at: '1970-01-01T00:00:02.001Z', address: '192.0.2.2', port: 40_001, cookie: '8', sampled: 1 }
  // One that is asked for later has the counts since the beginning.
  expect(await samples.of('b', ['9'])).toEqual({ ...NONE, given: 1, sampled: 1 })
  // Where a member was closed, its clients stay.
  expect(await samples.of('a', ['7'])).toEqual({ ...NONE, given: 40, sampled: 2, flows: [first, second] })
  samples.close()
})

test('at most 100 clients of a group, the latest', async () => {
  const flows = Array.from({ length: 150 }, (_, at): Flow => ['7', '192.0.2.1', 40_000 + at, 2000 + at])
  const samples = new FlowSamples(answering(answer([]), answer(flows)))
  await samples.of('a', ['7'])
  await samples.read('now')
  const recent = await samples.of('a', ['7'])
  expect(recent?.flows.map(({ port }) => port)).toEqual(Array.from({ length: 100 }, (_, at) => 40_149 - at))
  samples.close()
})

test('of 33 groups, the one that was asked for longest ago is forgotten', async () => {
  const flow: Flow = ['7', '192.0.2.1', 40_000, 2000]
  const samples = new FlowSamples(answering(answer([]), answer([flow]), answer([])))
  await samples.of('first', ['7'])
  await samples.read('now')
  expect((await samples.of('first', ['7']))?.flows).toHaveLength(1)
  for (let group = 0; group < 32; group++) await samples.of(String(group), ['8'])
  expect((await samples.of('first', ['7']))?.flows).toEqual([])
  samples.close()
})

test('ten seconds after the last request it ends, and has forgotten everything', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  let running = 0
  const program = answering(answer([['7', '192.0.2.1', 40_000, 2000]], [['7', 1, 1]]))
  const samples = new FlowSamples((verb) => {
    running++
    const { ask } = program(verb)
    return { ask, end: () => void running-- }
  })
  const first = await samples.of('a', ['7'])
  expect(first?.given).toBe(1)
  vi.advanceTimersByTime(9000)
  await samples.of('a', ['7'])
  vi.advanceTimersByTime(9000)
  expect(running).toBe(1)
  vi.advanceTimersByTime(1000)
  expect(running).toBe(0)
  expect((await samples.of('b', ['7']))?.flows).toHaveLength(1)
  samples.close()
  expect(running).toBe(0)
})

test('why nothing is sampled', async () => {
  const none = new FlowSamples(null)
  expect([await none.of('a', ['7']), none.unavailable]).toEqual([null, 'not sampled by this engine'])
  const missing = new FlowSamples(notInstalled)
  expect(await missing.of('a', ['7'])).toBeNull()
  expect(missing.unavailable).toContain('is not installed')
  const refused = new FlowSamples(ending({ errorText: 'it requires CAP_BPF\n', status: 1 }))
  expect(await refused.of('a', ['7'])).toBeNull()
  expect(refused.unavailable).toBe('it requires CAP_BPF')
})
