/** Makes invisible characters in names visible: processes can choose any name. */

/** Controls, format characters (bidi, zero width), separators, lone surrogates, private and unassigned. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu

/** The text with invisible and direction-changing characters written as escapes: `\x1b`, `\u202e`. */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, (character) => {
    const point = character.codePointAt(0) ?? 0
    const digits = point.toString(16)
    if (point <= 0xff) return `\\x${digits.padStart(2, '0')}`
    return point <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`
  })
}
