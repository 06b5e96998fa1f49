/** Code in text. */
import { expect, test } from 'vitest'
import { piecesOf } from '../../../../renderer/ui/pieces.ts'

test('every second piece is code', () => {
  expect(piecesOf('nginx: `listen … reuseport`; done')).toEqual(['nginx: ', 'listen … reuseport', '; done'])
})
