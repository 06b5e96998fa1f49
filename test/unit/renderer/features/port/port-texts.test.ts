import { expect, test } from 'vitest'
import { besidesText, bindSentence, bindText, rangeFacts } from '../../../../../renderer/features/port/port-texts.ts'
import { aPortUse, binds } from '../../../../doubles/port.ts'

test('whether a new socket gets in, in a sentence', () => {
  const free = { succeeds: true, error: null, refusedBy: null, joins: null, reason: null } as const
  expect(bindSentence({ binds: [] })).toBe('')
  expect(bindSentence({ binds: binds(0, true, free) })).toBe('Any bind succeeds.')
  expect(bindSentence({ binds: binds(0, false) })).toBe('No other socket can be bound there.')
  expect(bindSentence(aPortUse())).toBe('A new socket gets in only with SO_REUSEPORT as root.')
  const elsewhere = binds(0, true, { ...free, address: '10.0.0.9' })
  expect(bindSentence({ binds: [...binds(0, true), ...elsewhere] })).toBe(
    'A new socket gets in only with SO_REUSEPORT.',
  )
  expect(bindSentence({ binds: binds(0, false, { succeeds: null }) })).toBe(
    'Whether a bind would succeed is not known.',
  )
})

test('a cell names the process that refuses, or why else it fails', () => {
  const [bind] = binds(0, false)
  const [elsewhere] = binds(0, false, { refusedBy: null, error: 'EADDRNOTAVAIL' })
  expect([bind, elsewhere].map((one) => one && bindText(one))).toEqual(['nginx', 'not here'])
})

test('what else is on the port, and what the settings say', () => {
  const { ranges, states } = aPortUse()
  expect(besidesText({ states })).toEqual(['1 established'])
  const [range] = ranges
  expect(range && rangeFacts(range)).toEqual([
    { text: 'privileged (below 1,024): needs root or CAP_NET_BIND_SERVICE', good: false },
    { text: 'not ephemeral (32768–60999)', good: true },
  ])
  expect(range && rangeFacts({ ...range, privileged: null, ephemeral: true, reserved: true })).toEqual([
    { text: 'privileged (below 1,024): unknown', good: null },
    { text: 'reserved: no outgoing connection is given it', good: true },
  ])
})
