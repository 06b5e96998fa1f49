/** The view in the address: what is written is read back, and a bare link leaves the view as it is. */
import { expect, test } from 'vitest'
import { hashOf, parseView } from '../../../../renderer/model/address.ts'
import { DEFAULT_LANE_SORT } from '../../../../renderer/model/lane-sort.ts'
import { parseRoute } from '../../../../renderer/model/route.ts'

const GROUPS = { filter: '', sort: { column: 'state', descending: true }, shown: null }
const DEFAULTS = { ...GROUPS, lanes: DEFAULT_LANE_SORT }

test.each([
  ['#/groups?filter=port:443%20-owner:%22a%20b%22', { ...GROUPS, filter: 'port:443 -owner:"a b"' }],
  ['#/groups?sort=-queue', { ...GROUPS, sort: { column: 'queue', descending: true } }],
  ['#/groups?sort=endpoint', { ...GROUPS, sort: { column: 'endpoint', descending: false } }],
  ['#/groups?in=saved/22%20Nov&at=12', { ...GROUPS, shown: { id: 'saved/22 Nov', snapshot: 12 } }],
  ['#/groups?filter=queue:>50%25', { ...GROUPS, filter: 'queue:>50%' }],
  ['#/group/0123456789abcdef/77?lanes=-queue', { lanes: { column: 'queue' as const, descending: true }, shown: null }],
  ['#/group/0123456789abcdef?lanes=process', { lanes: { column: 'process' as const, descending: false }, shown: null }],
])('%s', (hash, view) => {
  expect(parseView(hash)).toEqual(view)
  expect(hashOf(parseRoute(hash), { ...DEFAULTS, ...view })).toBe(hash)
})

test('a link between screens has no view; one that is opened elsewhere says all of it', () => {
  expect(parseView('#/groups')).toBeNull()
  expect(hashOf({ screen: 'groups' }, DEFAULTS)).toBe('#/groups')
  const whole = hashOf({ screen: 'groups' }, DEFAULTS, true)
  expect(parseView(whole)).toEqual(GROUPS)
})

test('a history entry that was written with the default view has that view', () => {
  expect(parseView('#/groups', true)).toEqual(GROUPS)
})

test('a screen has only its own parts', () => {
  expect(parseView('#/group/0123456789abcdef?filter=x&in=saved/a')).toEqual({
    lanes: DEFAULT_LANE_SORT,
    shown: { id: 'saved/a', snapshot: null },
  })
  expect(parseView('#/settings?filter=x')).toEqual({})
})

test.each(['#/groups?sort=-', '#/groups?sort=<b>', '#/groups?at=9', '#/groups?in='])('%s is the default', (hash) => {
  expect(parseView(hash)).toEqual(GROUPS)
})

test.each(['-', '-state', 'pid', '<b>'])('lanes=%s is the default', (text) => {
  expect(parseView(`#/group/0123456789abcdef?lanes=${text}`)?.lanes).toEqual(DEFAULT_LANE_SORT)
})
