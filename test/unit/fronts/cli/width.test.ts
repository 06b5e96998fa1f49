import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { width } from '../../../../electron/fronts/cli/width.ts'

test('what is measured without the library is as wide as the library says', () => {
  const wrong: string[] = []
  for (let point = 0x20; point < 0x3000; point++) {
    const character = String.fromCodePoint(point)
    if (width(character) !== stringWidth(character)) wrong.push(point.toString(16))
  }
  expect(wrong).toEqual([])
  expect([width('e\u0301'), width('日本'), width('a – b…')]).toEqual([1, 4, 6])
})
