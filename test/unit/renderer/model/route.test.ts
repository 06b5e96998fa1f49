/** URLs of screens: the part after `#/lab`. */
import { expect, test } from 'vitest'
import { hrefOf, parseRoute } from '../../../../renderer/model/route.ts'

test.each([
  ['#/lab', { screen: 'lab' }],
  ['#/lab/new', { screen: 'lab', page: 'new' }],
  ['#/lab/accept-models', { screen: 'lab', page: { recipe: 'accept-models' } }],
  ['#/lab/0a1b2c3d', { screen: 'lab', page: { id: '0a1b2c3d' } }],
] as const)('%s round trip', (hash, route) => {
  expect(parseRoute(hash)).toEqual(route)
  expect(hrefOf(route)).toBe(hash)
})

test.each(['#/lab/elsewhere', '#/lab/0A1B2C3D', '#/lab/'])('%s is the lab', (hash) => {
  expect(parseRoute(hash)).toEqual({ screen: 'lab' })
})
