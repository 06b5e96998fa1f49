/** Whether a bind succeeds beside the sockets that have the port; what the kernel does is in test/integration/port-binds.test.ts. */
import { expect, test } from 'vitest'
import { type Bound, bindVerdict, type Wanted } from '../../../../../electron/engine/analyze/port/bind-rules.ts'
import { includesPort } from '../../../../../electron/engine/analyze/port/port-ranges.ts'

const any = { family: 'ipv4', address: new Uint8Array(16), v6only: false } as const
const local = { ...any, address: Uint8Array.from({ length: 16 }, (_, at) => [127, 0, 0, 1][at] ?? 0) }
const bound: Bound = {
  ...any,
  uid: 1000,
  listens: false,
  accepted: false,
  options: { reuseport: false, reuseaddr: false },
}
const shared = { reuseport: true, reuseaddr: false }

function verdicts(others: readonly Bound[], wanted: Partial<Wanted> = {}, crowded = false) {
  return [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ].map(([reuseaddr = false, reuseport = false]) => {
    const verdict = bindVerdict(
      { protocol: 'tcp', ...any, uid: 1000, reuseaddr, reuseport, ...wanted },
      others,
      crowded,
    )
    return verdict.succeeds ?? verdict.because
  })
}

test('a free port can be bound, and so can an address that no socket overlaps', () => {
  expect(verdicts([])).toEqual([true, true, true, true])
  const other = { ...local, address: Uint8Array.from(local.address, (byte, at) => (at === 3 ? 2 : byte)) }
  expect(verdicts([{ ...bound, ...local }], other)).toEqual([true, true, true, true])
})

test('what options of unreadable sockets could change is unknown, the rest is not', () => {
  expect(verdicts([{ ...bound, options: null }])).toEqual([false, 'options', 'options', 'options'])
  expect(verdicts([{ ...bound, options: null, uid: 0, listens: true }])).toEqual([false, false, false, false])
  expect(verdicts([{ ...bound, options: null, uid: null }])).toEqual([false, 'options', 'options', 'options'])
  expect(verdicts([{ ...bound, options: null }], { protocol: 'udp' })).toEqual([false, 'options', 'options', 'options'])
})

test('a group allows a socket of its user with SO_REUSEPORT, whatever its accepted connections set', () => {
  const listener: Bound = { ...bound, listens: true, options: shared }
  const connection: Bound = { ...bound, ...local, uid: 33, accepted: true, options: shared }
  expect(verdicts([listener, connection])).toEqual([false, false, true, true])
  expect(verdicts([listener, connection], { uid: 33 })).toEqual([false, false, false, false])
  expect(verdicts([listener], { uid: null })).toEqual([false, false, false, false])
})

test('where only the order of the binds decides, the answer is unknown', () => {
  const wide: Bound = { ...bound, options: shared }
  const narrow: Bound = { ...bound, ...local, options: { reuseport: false, reuseaddr: true } }
  expect(verdicts([wide, narrow])).toEqual([false, false, 'order', true])
})

test('over UDP the first socket in the list that does not share by SO_REUSEADDR decides', () => {
  const both: Bound = { ...bound, options: { reuseport: true, reuseaddr: true } }
  const addr: Bound = { ...bound, options: { reuseport: false, reuseaddr: true } }
  const udp = { protocol: 'udp' } as const
  expect(verdicts([both, addr], udp)).toEqual([false, true, true, true])
  expect(verdicts([addr, both], udp)).toEqual([false, true, false, true])
  // How the families are mixed in the list is not visible.
  expect(verdicts([both, { ...addr, family: 'ipv6' }], udp)).toEqual([false, true, 'order', true])
})

test('in a crowded slot of the UDP table narrower sockets may not be compared', () => {
  const narrow: Bound = { ...bound, ...local }
  expect(verdicts([narrow], { protocol: 'udp' })).toEqual([false, false, false, false])
  expect(verdicts([narrow], { protocol: 'udp' }, true)).toEqual(['order', 'order', 'order', 'order'])
})

test('reserved ports are listed as ports and ranges', () => {
  expect([80, 8080, 9050, 9101].map((port) => includesPort('8080,9000-9100', port))).toEqual([false, true, true, false])
  expect(includesPort('', 80)).toBe(false)
})
