/**
 * Names come from processes, and a process can choose any name: an escape sequence that repaints the screen, a bidi
 * override that reverses a line. None of that may reach a terminal unescaped.
 */

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/

/** The text with every character that a terminal could interpret, or that is invisible, escaped: `\x1b`, `\u202e`. */
export function sanitize(text: string): string {
  // Nearly all of it, and much faster to see.
  if (PRINTABLE_ASCII.test(text)) return text
  // Controls (C0, DEL, C1), format characters (bidi, zero width, tags), separators, lone surrogates, unassigned ones. An
  // expression of properties takes long to make, and most commands meet no such text.
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, visible)
}

/**
 * Equivalent JSON, with what JSON leaves raw and a terminal could interpret in strings written as `\uXXXX`. JSON itself
 * escapes control characters; line breaks stay.
 */
export function sanitizeJson(json: string): string {
  return json.replace(/[\x7f-\x9f\u{2028}\u{2029}]|(?![\n\r\t])\p{C}/gu, (character) =>
    Array.from({ length: character.length }, (_, i) => unicodeEscape(character.charCodeAt(i))).join(''),
  )
}

/** Text of many lines: line breaks stay, everything else that a terminal could interpret is escaped. */
export function sanitizeLines(text: string): string {
  return text.replace(/[^\r\n\t]+/g, sanitize)
}

function visible(character: string): string {
  const point = character.codePointAt(0) ?? 0
  if (point <= 0xff) return `\\x${point.toString(16).padStart(2, '0')}`
  return point <= 0xffff ? unicodeEscape(point) : `\\u{${point.toString(16)}}`
}

function unicodeEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}
