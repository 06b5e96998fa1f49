/** The view in the address: what is written is read back, and a bare link leaves the view as it is. */
import { expect, test } from 'vitest'
import { hashOf, parseView } from '../../../../renderer/model/address.ts'
import { parseRoute } from '../../../../renderer/model/route.ts'

const DEFAULTS = { filter: '', sort: { column: 'state', descending: true }, shown: null }

test.each([
  ['#/groups?filter=port:443%20-owner:%22a%20b%22', { ...DEFAULTS, filter: 'port:443 -owner:"a b"' }],
  ['#/groups?sort=-queue', { ...DEFAULTS, sort: { column: 'queue', descending: true } }],
  ['#/groups?sort=endpoint', { ...DEFAULTS, sort: { column: 'endpoint', descending: false } }],
  ['#/groups?in=saved/22%20Nov&at=12', { ...DEFAULTS, shown: { id: 'saved/22 Nov', snapshot: 12 } }],
  ['#/groups?filter=queue:>50%25', { ...DEFAULTS, filter: 'queue:>50%' }],
])('%s', (hash, view) => {
  expect(parseView(hash)).toEqual(view)
  expect(hashOf(parseRoute(hash), view)).toBe(hash)
})

test('a link between screens has no view; one that is opened elsewhere says all of it', () => {
  expect(parseView('#/groups')).toBeNull()
  expect(hashOf({ screen: 'groups' }, DEFAULTS)).toBe('#/groups')
  const whole = hashOf({ screen: 'groups' }, DEFAULTS, true)
  expect(parseView(whole)).toEqual(DEFAULTS)
})

test('a history entry that was written with the default view has that view', () => {
  expect(parseView('#/groups', true)).toEqual(DEFAULTS)
})

test('a screen has only its own parts', () => {
  expect(parseView('#/group/0123456789abcdef?filter=x&in=saved/a')).toEqual({
    shown: { id: 'saved/a', snapshot: null },
  })
  expect(parseView('#/settings?filter=x')).toEqual({})
})

test.each(['#/groups?sort=-', '#/groups?sort=<b>', '#/groups?at=9', '#/groups?in='])('%s is the default', (hash) => {
  expect(parseView(hash)).toEqual(DEFAULTS)
})
