/**
 * Names come from processes, and a process may call itself anything: an escape sequence that repaints the screen, a
 * bidi override that turns a line around. Nothing of that may reach a terminal as such.
 */

/** Controls (C0, DEL, C1), format characters (bidi, zero width, tags), separators, lone surrogates, private and unassigned. */
const dangerous = /[\p{C}\p{Zl}\p{Zp}]/gu
const hasDangerous = /[\p{C}\p{Zl}\p{Zp}]/u

/** The text with every character that a terminal could obey, or that nobody could see, written out: `\x1b`, `\u202e`. */
export function sanitise(text: string): string {
  return hasDangerous.test(text) ? text.replace(dangerous, visible) : text
}

/** What JSON leaves raw and a terminal may still obey. JSON's own control characters are escaped already; its line breaks stay. */
const rawInJson = /[\x7f-\x9f\u{2028}\u{2029}]|(?![\n\r\t])\p{C}/gu

/** JSON that means the same, with those characters of its strings written as `\uXXXX`. */
export function sanitiseJson(json: string): string {
  return json.replace(rawInJson, (character) =>
    Array.from({ length: character.length }, (_, i) => unicodeEscape(character.charCodeAt(i))).join(''),
  )
}

/** Text of many lines: their ends stay, everything else that a terminal could obey is written out. */
export function sanitiseLines(text: string): string {
  return text.replace(/[^\r\n\t]+/g, sanitise)
}

function visible(character: string): string {
  const point = character.codePointAt(0) ?? 0
  if (point <= 0xff) return `\\x${point.toString(16).padStart(2, '0')}`
  return point <= 0xffff ? unicodeEscape(point) : `\\u{${point.toString(16)}}`
}

function unicodeEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}
