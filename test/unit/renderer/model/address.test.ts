/** The view in the address: what is written is read back, and a bare link leaves the view as it is. */
import { expect, test } from 'vitest'
import { hashOf, parseView } from '../../../../renderer/model/address.ts'
import { DEFAULT_LANE_SORT } from '../../../../renderer/model/lane-sort.ts'
import { parseRoute } from '../../../../renderer/model/route.ts'
import { DEFAULT_RANGE } from '../../../../renderer/model/time-range.ts'

const GROUPS = { filter: '', sort: { column: 'state', descending: true }, shown: null }
const GROUP = { lanes: DEFAULT_LANE_SORT, range: DEFAULT_RANGE, shown: null }
const DEFAULTS = { ...GROUPS, ...GROUP }

test.each([
  ['#/groups?filter=port:443%20-owner:%22a%20b%22', { ...GROUPS, filter: 'port:443 -owner:"a b"' }],
  ['#/groups?sort=-queue', { ...GROUPS, sort: { column: 'queue', descending: true } }],
  ['#/groups?sort=endpoint', { ...GROUPS, sort: { column: 'endpoint', descending: false } }],
  ['#/groups?in=saved/22%20Nov&at=12', { ...GROUPS, shown: { id: 'saved/22 Nov', snapshot: 12 } }],
  ['#/groups?filter=queue:>50%25', { ...GROUPS, filter: 'queue:>50%' }],
  ['#/group/0123456789abcdef/77?lanes=-queue', { ...GROUP, lanes: { column: 'queue' as const, descending: true } }],
  ['#/group/0123456789abcdef?lanes=process', { ...GROUP, lanes: { column: 'process' as const, descending: false } }],
  ['#/group/0123456789abcdef?range=1h', { ...GROUP, range: '1h' as const }],
  [
    '#/group/0123456789abcdef?range=1764541200000-1764541260000',
    { ...GROUP, range: { from: 1_764_541_200_000, to: 1_764_541_260_000 } },
  ],
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
    ...GROUP,
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

test.each(['2h', '5', '9-3', '1000-2000', '-', '<b>'])('range=%s is the default', (text) => {
  expect(parseView(`#/group/0123456789abcdef?range=${text}`)?.range).toBe(DEFAULT_RANGE)
})
