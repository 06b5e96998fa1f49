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

/** Words that are written from right to left: isolated, so that they do not turn around what stands beside them. */
const rightToLeft =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]+(?: +[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]+)*/gu

/** Text escaped for HTML, XML and their attributes. */
export function markup(text: string): string {
  const isolated = visible(text).replace(rightToLeft, (words) => `\u2068${words}\u2069`)
  return isolated.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`)
}
