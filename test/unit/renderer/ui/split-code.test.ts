/** Code in text. */
import { expect, test } from 'vitest'
import { splitCode } from '../../../../renderer/ui/split-code.ts'

test('every second piece is code', () => {
  expect(splitCode('nginx: `listen … reuseport`; done')).toEqual(['nginx: ', 'listen … reuseport', '; done'])
})
