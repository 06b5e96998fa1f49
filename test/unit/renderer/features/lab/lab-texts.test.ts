/** The sentences of the lab. */
import { describe, expect, test } from 'vitest'
import { ListenRequest, TrafficRequest } from '../../../../../electron/contract/lab.ts'
import {
  failuresText,
  labSentence,
  latencyText,
  progressText,
  sendSentence,
  startSentence,
  timeLeft,
} from '../../../../../renderer/features/lab/lab-texts.ts'
import { aLab, aMember, someTraffic } from '../../../../doubles/lab.ts'

const request = (given: object = {}) => ListenRequest.parse({ protocol: 'tcp', address: '127.0.0.1', ...given })

test('how even each variant of a recipe is so far', () => {
  const way = (title: string, ...counts: number[]) => ({
    title,
    subtitle: '',
    shape: 'shared' as const,
    counts: counts.map((count, at) => ({ label: String(at + 1), count, note: null })),
    figures: [],
  })
  expect(progressText([way('Shared queue', 0, 0), way('Reuseport', 0, 0)])).toBeNull()
  expect(progressText([way('Shared queue', 30, 10), way('Reuseport', 0, 0)])).toBe(
    'Busiest ÷ least busy worker: Shared queue 3.00×.',
  )
  const stalled = { label: '3', count: 0, note: 'stalled' }
  const reuseport = way('Reuseport', 30, 10)
  expect(progressText([{ ...reuseport, counts: [...reuseport.counts, stalled] }])).toMatch(/Reuseport 3.00×\.$/)
  expect(progressText([way('Shared queue', 30, 0), way('Alone', 7), way('Reuseport', 21, 20)])).toBe(
    'Busiest ÷ least busy worker: Shared queue (some received nothing), Reuseport 1.05×.',
  )
})

describe('what Start will do', () => {
  test.each([
    [
      { port: 18_081, processes: 4 },
      'Opens 4 tcp sockets on 127.0.0.1:18081 in 4 processes, for at most 10 minutes. They close even if this window is killed.',
    ],
    [
      { listeners: 1, minutes: 1, user: 'www-data' },
      'Opens 1 tcp socket on a free port of 127.0.0.1 in 1 process as www-data, for at most 1 minute. They close even if this window is killed.',
    ],
    [
      { address: '::1', port: 53, protocol: 'udp', acceptModel: 'shared', minutes: 2.5 },
      'Opens one udp socket on [::1]:53, shared by 4 workers in 1 process, for at most 2.5 minutes. They close even if this window is killed.',
    ],
    [
      { acceptModel: 'dispatcher', acceptBehavior: { mode: 'slow', delayMs: 20 } },
      'Opens one tcp socket on a free port of 127.0.0.1, with one thread dispatching to 4 workers in 1 process, for at most 10 minutes. Workers pause for 20 ms after each connection. They close even if this window is killed.',
    ],
  ])('%j', (given, words) => {
    expect(startSentence(request(given))).toBe(words)
  })

  test('never accepting is stated', () => {
    expect(startSentence(request({ acceptBehavior: { mode: 'never' } }))).toContain(
      'Nothing is accepted: the queues fill.',
    )
  })
})

test('a lab in one line', () => {
  expect(labSentence(aLab())).toBe('8 tcp listeners in 4 processes, steered by hash')
  const closed = aLab().members.map((member) => (member.index === 0 ? aMember(0, { state: 'closed' }) : member))
  expect(labSentence(aLab({ members: closed }))).toContain('7 tcp listeners')
  const dispatcher = aLab({ request: request({ acceptModel: 'dispatcher', listeners: 3 }) })
  expect(labSentence(dispatcher)).toBe('One tcp socket; one thread dispatches to 3 workers in 3 processes')
})

test('failures, most frequent first', () => {
  expect(failuresText(someTraffic())).toBe('none failed')
  expect(failuresText(someTraffic({ refused: 5, resets: 1200, timeouts: 1 }))).toBe(
    '1,200 reset, 5 refused, 1 timed out',
  )
})

test('what Send will do', () => {
  const { id: _, ...draft } = TrafficRequest.parse({ id: '00000001' })
  expect(sendSentence(draft, 'tcp', '127.0.0.1:80')).toBe(
    'Opens 10,000 connections to 127.0.0.1:80 from 256 source addresses, as fast as possible, for at most 60 seconds. Each waits for its reply, which is timed.',
  )
  expect(sendSentence({ ...draft, rate: 0.5, exchange: 'send', count: 10, seconds: 1 }, 'udp', '[::1]:53')).toBe(
    'Sends 10 datagrams to [::1]:53 from 10 clients, 0.5 per second, for at most 1 second. Replies are not awaited.',
  )
})

test('formatted numbers', () => {
  expect([210, 999.6, 1620, 12_400, 12_400_000].map(latencyText)).toEqual([
    ['210', 'µs'],
    ['1,000', 'µs'],
    ['1.6', 'ms'],
    ['12', 'ms'],
    ['12', 's'],
  ])
  const now = Date.parse('2026-01-01T12:00:00.000Z')
  expect(timeLeft('2026-01-01T12:06:10.000Z', now)).toBe('6 min left')
  expect(timeLeft('2026-01-01T12:00:41.000Z', now)).toBe('41 s left')
  expect(timeLeft('2026-01-01T11:00:00.000Z', now)).toBe('0 s left')
})
