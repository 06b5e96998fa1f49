/** Text with every character visible: what a name may hold to mislead a reader is escaped. */

const invisible = /[\p{C}\p{Zl}\p{Zp}]/gu

/** Controls, format characters (bidi, zero width), separators and lone surrogates as `\x1b`, `\u202e`. */
export function visible(text: string): string {
  return text.replace(invisible, (character) => {
    const point = character.codePointAt(0) ?? 0
    if (point <= 0xff) return `\\x${point.toString(16).padStart(2, '0')}`
    return point <= 0xffff ? `\\u${point.toString(16).padStart(4, '0')}` : `\\u{${point.toString(16)}}`
  })
}

/** Text escaped for HTML, XML and their attributes. */
export function markup(text: string): string {
  return visible(text).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`)
}
