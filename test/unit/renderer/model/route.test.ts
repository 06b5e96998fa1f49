/** URLs of screens. */
import { expect, test } from 'vitest'
import { hrefOf, parseRoute, portPlaceOf } from '../../../../renderer/model/route.ts'

test.each([
  ['#/lab', { screen: 'lab' }],
  ['#/lab/new', { screen: 'lab', page: 'new' }],
  ['#/lab/accept-models', { screen: 'lab', page: { recipe: 'accept-models' } }],
  ['#/group/0123456789abcdef', { screen: 'group', id: '0123456789abcdef' }],
  ['#/group/0123456789abcdef/70', { screen: 'group', id: '0123456789abcdef', member: '70' }],
  ['#/group/0123456789abcdef/inode:7', { screen: 'group', id: '0123456789abcdef', member: 'inode:7' }],
  [
    '#/findings/queue-overflowing:0123456789abcdef',
    { screen: 'findings', finding: 'queue-overflowing:0123456789abcdef' },
  ],
  [
    '#/findings/queue-overflowing:0123456789abcdef/1764500000000',
    { screen: 'findings', finding: 'queue-overflowing:0123456789abcdef', began: 1_764_500_000_000 },
  ],
  ['#/port', { screen: 'port' }],
  ['#/port/8080', { screen: 'port', port: 8080 }],
  ['#/port/53/udp', { screen: 'port', port: 53, protocol: 'udp' }],
  ['#/lab/0a1b2c3d', { screen: 'lab', page: { id: '0a1b2c3d' } }],
] as const)('%s round trip', (hash, route) => {
  expect(parseRoute(hash)).toEqual(route)
  expect(hrefOf(route)).toBe(hash)
})

test.each(['#/lab/elsewhere', '#/lab/0A1B2C3D', '#/lab/'])('%s is the lab', (hash) => {
  expect(parseRoute(hash)).toEqual({ screen: 'lab' })
})

test.each([
  ['8080', { port: 8080 }],
  [':8080', { port: 8080 }],
  ['8080/UDP', { port: 8080, protocol: 'udp' }],
  ['tcp:80', { port: 80, protocol: 'tcp' }],
  ['0', {}],
  ['65536', {}],
  ['tcp:80/udp', {}],
  ['nginx', {}],
])('"%s" typed is the port %j', (typed, place) => {
  expect(portPlaceOf(typed)).toEqual(place)
})
