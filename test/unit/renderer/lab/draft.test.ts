/** What the forms ask for, and what they refuse before the engine is asked. */
import { describe, expect, test } from 'vitest'
import { ListenRequest, TrafficRequest } from '../../../../electron/contract/lab.ts'
import { asked, exchangeFor, exchangesOf, wrongListen, wrongTraffic } from '../../../../renderer/lab/draft.ts'

const listen = (given: Partial<ListenRequest> = {}): ListenRequest => ({
  ...ListenRequest.parse({ protocol: 'tcp', address: '127.0.0.1' }),
  ...given,
})
const { id: _, ...traffic } = TrafficRequest.parse({ id: '00000001' })

describe('listeners', () => {
  test.each([
    [{ address: '  ' }, 'address', 'Address: give one of this machine, as 127.0.0.1.'],
    [{ listeners: Number.NaN }, 'listeners', 'Listeners: give a number.'],
    [{ listeners: 5000 }, 'listeners', 'Listeners: 4096 is the most.'],
    [{ minutes: 0 }, 'minutes', 'Minutes: 0.1 is the least.'],
    [{ accepting: { mode: 'slow' as const, delayMs: Number.NaN } }, 'accepting', 'Pause: give a number.'],
  ])('%j', (given, field, words) => {
    expect(wrongListen(listen(given))).toEqual({ field, words })
  })

  test('a good one is asked as it stands, without spaces around the address', () => {
    const draft = listen({ address: ' ::1 ', v6only: true, reuseaddr: true })
    expect(wrongListen(draft)).toBeNull()
    expect(asked(draft)).toEqual({ ...draft, address: '::1' })
  })

  test('what is not in sight is not asked for', () => {
    const hidden = listen({ v6only: true, steering: 'cpu', taking: 'shared', answer: 'dns' })
    expect(asked(hidden)).toMatchObject({ v6only: null, steering: 'hash', answer: 'echo' })
    expect(asked(listen({ steering: 'cpu', reuseport: false })).steering).toBe('hash')
  })
})

describe('traffic', () => {
  test('bounds have the names of the screen', () => {
    expect(wrongTraffic(traffic)).toBeNull()
    expect(wrongTraffic({ ...traffic, count: Number.NaN })).toEqual({ field: 'count', words: 'Total: give a number.' })
    expect(wrongTraffic({ ...traffic, threads: 17 })).toEqual({ field: 'threads', words: 'Threads: 16 is the most.' })
  })

  test('an exchange that the listeners cannot have gives way to one that they can', () => {
    const udp = { protocol: 'udp', answer: 'echo' } as const
    expect(exchangesOf(udp)).not.toContain('hold')
    expect(exchangeFor(udp, 'send')).toBe('send')
    expect(exchangeFor(udp, 'hold')).toBe('echo')
    expect(exchangeFor({ protocol: 'udp', answer: 'dns' }, 'echo')).toBe('dns')
    expect(exchangeFor({ protocol: 'tcp', answer: 'echo' }, 'dns')).toBe('echo')
  })
})
