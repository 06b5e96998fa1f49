import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sanitize, sanitizeJson } from '../../../../electron/fronts/cli/sanitize.ts'

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\x1b', '\u009b', '\u202e', '\u2066', '\u200b', '\ud800'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
})

test('nothing that a terminal could interpret, and nothing invisible, is left', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(sanitize(text)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
    }),
  )
})

test('harmless text is unchanged, and a second pass changes nothing', () => {
  expect(sanitize('nginx: worker ünïcode 日本 👍')).toBe('nginx: worker ünïcode 日本 👍')
  fc.assert(fc.property(hostile, (text) => sanitize(sanitize(text)) === sanitize(text)))
})

test.each([
  ['\x1b[2J', '\\x1b[2J'],
  ['a\nb\tc\r', 'a\\x0ab\\x09c\\x0d'],
  ['\x7f\u009b31m', '\\x7f\\x9b31m'],
  ['abc\u202edef', 'abc\\u202edef'],
  ['\u{e0041}', '\\u{e0041}'],
  ['\ud83d', '\\ud83d'],
])('%j is shown as %s', (text, shown) => {
  expect(sanitize(text)).toBe(shown)
})

test('JSON keeps its meaning and loses what a terminal could interpret', () => {
  fc.assert(
    fc.property(fc.dictionary(hostile, hostile), (value) => {
      const json = sanitizeJson(JSON.stringify(value, null, 2))
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(json.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
    }),
  )
})
