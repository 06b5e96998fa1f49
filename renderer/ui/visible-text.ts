/** Makes invisible characters in names visible: processes can choose any name. */

/** Controls, format characters (bidi, zero width), separators, lone surrogates, private and unassigned. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu

/** Letters that are written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u
const [ISOLATE, END] = ['\u2068', '\u2069']

/** The text with invisible and direction-changing characters written as escapes: `\x1b`, `\u202e`. */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, (character) => {
    const point = character.codePointAt(0) ?? 0
    const digits = point.toString(16)
    if (point <= 0xff) return `\\x${digits.padStart(2, '0')}`
    return point <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`
  })
}

/** A name by itself: one that is empty, or only spaces, says so. */
export function visibleName(name: string): string {
  return name.trim() === '' ? '(no name)' : visibleText(name)
}

/** The same inside a sentence: a name from right to left does not turn around what stands beside it. */
export function nameInText(name: string): string {
  const visible = visibleName(name)
  return RIGHT_TO_LEFT.test(visible) ? `${ISOLATE}${visible}${END}` : visible
}

/** A sentence with such names as visible text without them, for the clipboard. */
export function withoutIsolates(text: string): string {
  return text.replaceAll(ISOLATE, '').replaceAll(END, '')
}
