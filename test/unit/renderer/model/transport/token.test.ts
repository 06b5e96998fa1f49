/** The token is taken out of an address, whatever stands beside it. */
import { expect, test } from 'vitest'
import { splitToken } from '../../../../../renderer/model/transport/token.ts'

test.each([
  ['#token=a-b_1', 'a-b_1', ''],
  ['#token=a&/group/0123456789abcdef', 'a', '#/group/0123456789abcdef'],
  ['#/group/0123456789abcdef?token=a', 'a', '#/group/0123456789abcdef'],
  ['#/groups?filter=port%3A80&token=a', 'a', '#/groups?filter=port%3A80'],
  ['#/groups?token=a&filter=port%3A80', 'a', '#/groups?filter=port%3A80'],
  ['#/groups?filter=token', null, '#/groups?filter=token'],
  ['', null, ''],
])('%s', (hash, token, rest) => {
  expect(splitToken(hash)).toEqual({ token, rest })
})
