/** Whether a bind succeeds next to the sockets that have the port. */
import { expect, test } from 'vitest'
import { type Bound, bindOutcomes } from '../../../../electron/engine/analyze/port-use.ts'

const place = { netns: 1, protocol: 'tcp', uid: 1000 } as const
const connection: Bound = { ...place, listens: false, options: { reuseport: false, reuseaddr: false } }

function outcomes(...bound: Bound[]) {
  return Object.fromEntries(
    bindOutcomes(bound, { ...place, allowed: true, complete: true }).map(({ option, succeeds }) => [option, succeeds]),
  )
}

test('a free port can be bound', () => {
  expect(outcomes()).toEqual({ none: true, SO_REUSEADDR: true, SO_REUSEPORT: true })
  expect(outcomes({ ...connection, netns: 2 }, { ...connection, protocol: 'udp' }).none).toBe(true)
})

test('a connection without options blocks every bind', () => {
  expect(outcomes(connection)).toEqual({ none: false, SO_REUSEADDR: false, SO_REUSEPORT: false })
})

test('a connection of a closed listener with SO_REUSEADDR allows SO_REUSEADDR', () => {
  const accepted = { ...connection, options: { reuseport: false, reuseaddr: true } }
  expect(outcomes(accepted)).toEqual({ none: false, SO_REUSEADDR: true, SO_REUSEPORT: false })
})

test('for a connection with unreadable options, only results that do not depend on them are known', () => {
  expect(outcomes({ ...connection, options: null })).toEqual({ none: false, SO_REUSEADDR: null, SO_REUSEPORT: null })
})

test('a group of this user allows SO_REUSEPORT, one of another user does not', () => {
  const member = { ...connection, listens: true, options: { reuseport: true, reuseaddr: false } }
  expect(outcomes(member, member)).toEqual({ none: false, SO_REUSEADDR: false, SO_REUSEPORT: true })
  expect(outcomes({ ...member, uid: 0 }).SO_REUSEPORT).toBe(false)
  expect(outcomes({ ...member, uid: 0, options: null })).toEqual({
    none: false,
    SO_REUSEADDR: false,
    SO_REUSEPORT: false,
  })
})

test('if some sockets on the port are not visible, no bind is known to succeed', () => {
  const mine: Bound = { ...connection, listens: true, options: { reuseport: true, reuseaddr: false } }
  const binds = bindOutcomes([mine], { ...place, allowed: true, complete: false })
  expect(binds.map(({ option, succeeds, unknownBecause: unknown }) => [option, succeeds, unknown])).toEqual([
    ['none', false, null],
    ['SO_REUSEADDR', false, null],
    ['SO_REUSEPORT', null, 'unchecked'],
  ])
})

test('a port that this user may not bind is refused with EACCES, whatever uses it', () => {
  for (const bound of [[], [connection]]) {
    const binds = bindOutcomes(bound, { ...place, allowed: false, complete: true })
    expect(binds.map(({ succeeds, error }) => [succeeds, error])).toEqual(Array(3).fill([false, 'EACCES']))
  }
  const unread = bindOutcomes([], { ...place, allowed: null, complete: true })
  expect(unread.map(({ succeeds, unknownBecause: unknown }) => [succeeds, unknown])).toEqual(
    Array(3).fill([null, 'privilege']),
  )
})
