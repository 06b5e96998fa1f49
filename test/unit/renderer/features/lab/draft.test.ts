/** The requests that the forms make, and what they reject before sending. */
import { describe, expect, test } from 'vitest'
import { ListenRequest, TrafficRequest } from '../../../../../electron/contract/lab.ts'
import { exchangeFor, exchangesOf, toRequest } from '../../../../../renderer/features/lab/draft.ts'
import { validateListen, validateTraffic } from '../../../../../renderer/features/lab/draft-validation.ts'

const listen = (given: Partial<ListenRequest> = {}): ListenRequest => ({
  ...ListenRequest.parse({ protocol: 'tcp', address: '127.0.0.1' }),
  ...given,
})
const { id: _, ...traffic } = TrafficRequest.parse({ id: '00000001' })

describe('listeners', () => {
  test.each([
    [{ address: '  ' }, 'address', 'Address: enter an address of this machine, such as 127.0.0.1.'],
    [{ listeners: Number.NaN }, 'listeners', 'Listeners: enter a number.'],
    [{ listeners: 5000 }, 'listeners', 'Listeners: the maximum is 4096.'],
    [{ minutes: 0 }, 'minutes', 'Minutes: the minimum is 0.1.'],
    [{ acceptBehavior: { mode: 'slow' as const, delayMs: Number.NaN } }, 'acceptBehavior', 'Pause: enter a number.'],
  ])('%j', (given, field, words) => {
    expect(validateListen(listen(given))).toEqual({ field, words })
  })

  test('a valid form is sent as is, without spaces around the address', () => {
    const draft = listen({ address: ' ::1 ', v6only: true, reuseaddr: true })
    expect(validateListen(draft)).toBeNull()
    expect(toRequest(draft)).toEqual({ ...draft, address: '::1' })
  })

  test('hidden fields get their defaults', () => {
    const hidden = listen({ v6only: true, steering: 'cpu', acceptModel: 'shared', reply: 'dns' })
    expect(toRequest(hidden)).toMatchObject({ v6only: null, steering: 'hash', reply: 'echo' })
    expect(toRequest(listen({ steering: 'cpu', reuseport: false })).steering).toBe('hash')
  })
})

describe('traffic', () => {
  test('limits are reported with the labels of the screen', () => {
    expect(validateTraffic(traffic)).toBeNull()
    expect(validateTraffic({ ...traffic, count: Number.NaN })).toEqual({
      field: 'count',
      words: 'Total: enter a number.',
    })
    expect(validateTraffic({ ...traffic, threads: 17 })).toEqual({
      field: 'threads',
      words: 'Threads: the maximum is 16.',
    })
  })

  test('an unsupported exchange is replaced by a supported one', () => {
    const udp = { protocol: 'udp', reply: 'echo' } as const
    expect(exchangesOf(udp)).not.toContain('hold')
    expect(exchangeFor(udp, 'send')).toBe('send')
    expect(exchangeFor(udp, 'hold')).toBe('echo')
    expect(exchangeFor({ protocol: 'udp', reply: 'dns' }, 'echo')).toBe('dns')
    expect(exchangeFor({ protocol: 'tcp', reply: 'echo' }, 'dns')).toBe('echo')
  })
})
