import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { sanitize } from '../../../../electron/fronts/cli/sanitize.ts'
import { width } from '../../../../electron/fronts/cli/width.ts'

/** Spacing marks, which follow a letter, parts of Hangul syllables, and of flags. */
const PART = /[\p{Mark}\u115f-\u11ff\u3164\uffa0\ud7b0-\ud7fb\u{1f1e6}-\u{1f1ff}]/u
/** Symbols and scripts about which terminals differ too: wide since Unicode 16, emoji only with U+FE0F, rare scripts. */
const DISPUTED =
  /[\u2630-\u2637\u268a-\u268f\u31e4\u31e5\u4dc0-\u4dff\u{1d300}-\u{1d376}\u{1f260}-\u{1f265}\p{Emoji_Modifier_Base}\p{Script=Yi}\p{Script=Khitan_Small_Script}\p{Script=Nushu}]/u

test('characters are as wide as another library says', () => {
  const wrong: string[] = []
  for (let point = 0x20; point < 0x20000; point++) {
    const character = String.fromCodePoint(point)
    if (sanitize(character) !== character || PART.test(character) || DISPUTED.test(character)) continue
    if (width(character) !== stringWidth(character)) wrong.push(point.toString(16))
  }
  expect(wrong).toEqual([])
})

test.each(['e\u0301', '日本', 'a – b…', '\u1112\u1161\u11ab글', 'क्षि', '🇩🇪', '👍🏽', '❤️', '1️⃣', 'ｱＡ'])(
  'so is %s',
  (text) => {
    expect(width(text)).toBe(stringWidth(text))
  },
)
