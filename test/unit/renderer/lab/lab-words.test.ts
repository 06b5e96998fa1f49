/** The sentences of the lab. */
import { describe, expect, test } from 'vitest'
import { ListenRequest, TrafficRequest } from '../../../../electron/contract/lab.ts'
import {
  endpointOf,
  failuresText,
  labSentence,
  latencyText,
  sendSentence,
  soFarText,
  startSentence,
  timeLeft,
} from '../../../../renderer/lab/lab-words.ts'
import { aLab, aMember, someTraffic } from '../../../doubles/lab.ts'

const request = (given: object = {}) => ListenRequest.parse({ protocol: 'tcp', address: '127.0.0.1', ...given })

test('how even each way of a recipe is by now', () => {
  const way = (title: string, ...counts: number[]) => ({
    title,
    subtitle: '',
    shape: 'shared' as const,
    counts: counts.map((count, at) => ({ label: String(at + 1), count, note: null })),
    figures: [],
  })
  expect(soFarText([way('Shared queue', 0, 0), way('Reuseport', 0, 0)])).toBeNull()
  expect(soFarText([way('Shared queue', 30, 10), way('Reuseport', 0, 0)])).toBe(
    'Busiest worker against the least busy: Shared queue 3.00 times.',
  )
  const stalled = { label: '3', count: 0, note: 'stalled' }
  const reuseport = way('Reuseport', 30, 10)
  expect(soFarText([{ ...reuseport, counts: [...reuseport.counts, stalled] }])).toMatch(/Reuseport 3.00 times\.$/)
  expect(soFarText([way('Shared queue', 30, 0), way('Alone', 7), way('Reuseport', 21, 20)])).toBe(
    'Busiest worker against the least busy: Shared queue leaves some with nothing, Reuseport 1.05 times.',
  )
})

describe('what Start will do', () => {
  test.each([
    [
      { port: 18_081, processes: 4 },
      'Opens 4 tcp sockets on 127.0.0.1:18081 in 4 processes, for 10 minutes at most. They close even if this window is killed.',
    ],
    [
      { listeners: 1, minutes: 1, user: 'www-data' },
      'Opens 1 tcp socket on a free port of 127.0.0.1 in 1 process as www-data, for 1 minute at most. They close even if this window is killed.',
    ],
    [
      { address: '::1', port: 53, protocol: 'udp', taking: 'shared', minutes: 2.5 },
      'Opens one udp socket on [::1]:53, from which 4 workers in 1 process take, for 2.5 minutes at most. They close even if this window is killed.',
    ],
    [
      { taking: 'dispatcher', accepting: { mode: 'slow', delayMs: 20 } },
      'Opens one tcp socket on a free port of 127.0.0.1, of which one thread hands out to 4 workers in 1 process, for 10 minutes at most. After each connection a worker pauses for 20 ms. They close even if this window is killed.',
    ],
  ])('%j', (given, words) => {
    expect(startSentence(request(given))).toBe(words)
  })

  test('nothing accepted is said', () => {
    expect(startSentence(request({ accepting: { mode: 'never' } }))).toContain('Nothing is accepted: the queues fill.')
  })
})

test('what stands there', () => {
  expect(labSentence(aLab())).toBe('8 tcp listeners in 4 processes, steered by the hash')
  const closed = aLab().members.map((member) => (member.index === 0 ? aMember(0, { state: 'closed' }) : member))
  expect(labSentence(aLab({ members: closed }))).toContain('7 tcp listeners')
  const dispatcher = aLab({ request: request({ taking: 'dispatcher', listeners: 3 }) })
  expect(labSentence(dispatcher)).toBe('One tcp socket; one thread hands out to 3 workers in 3 processes')
})

test('what failed, the most first', () => {
  expect(failuresText(someTraffic())).toBe('none failed')
  expect(failuresText(someTraffic({ refused: 5, resets: 1200, timeouts: 1 }))).toBe(
    '1,200 reset, 5 refused, 1 timed out',
  )
})

test('what Send will do', () => {
  const { id: _, ...draft } = TrafficRequest.parse({ id: '00000001' })
  expect(sendSentence(draft, 'tcp', '127.0.0.1:80')).toBe(
    'Sends 10,000 connections to 127.0.0.1:80 from 256 source addresses, as fast as it goes, for 60 seconds at most. Each waits for its answer, which is timed.',
  )
  expect(sendSentence({ ...draft, rate: 0.5, exchange: 'send', count: 10, seconds: 1 }, 'udp', '[::1]:53')).toBe(
    'Sends 10 datagrams to [::1]:53 from 10 clients, 0.5 a second, for 1 second at most. No answer is waited for.',
  )
})

test('numbers as people read them', () => {
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
  expect(endpointOf('::1', 53)).toBe('[::1]:53')
})
