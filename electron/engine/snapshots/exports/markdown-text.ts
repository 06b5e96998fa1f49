/** Text and names in Markdown, so that no renderer interprets them. */
import { visible } from './visible.ts'

/**
 * Escapes every character that Markdown or its HTML could interpret as a character reference (CommonMark 0.31, 2.5).
 */
export function asText(text: string): string {
  return visible(text).replace(/[!"#$&'()*+<>?@[\\\]^_`{|}~=]|(?<=^|\s)[-+](?=\s|$)/g, (character) => {
    return `&#${character.codePointAt(0)};`
  })
}

/**
 * A name as code, the only place where no renderer looks for links: a program may be called example.com. The fence is
 * longer than any run of backticks inside (CommonMark 0.31, 6.1).
 */
export function asCode(text: string): string {
  const shown = visible(text)
  if (shown.trim() === '') return ''
  const fence = '`'.repeat(1 + Math.max(0, ...(shown.match(/`+/g) ?? []).map((run) => run.length)))
  const space = /^[` ]|[` ]$/.test(shown) ? ' ' : ''
  return `${fence}${space}${shown}${space}${fence}`
}

/** The same in a table, which is split into cells at every bare `|` first (GitHub's dialect, 4.10). */
export function asCodeCell(text: string): string {
  return asCode(text).replaceAll('|', '\\|')
}

/** A sentence, with what a renderer may take for a link (a dot, a colon or an @ inside a word) as code. */
export function asSentence(text: string): string {
  return visible(text)
    .split(/(\s+)/)
    .map((word) => {
      const [, bare = '', stop = ''] = /^(.*?)([.,;:!?)]*)$/s.exec(word) ?? []
      return /[^.][.:@/][^.]/.test(bare) && !/^[\d.,]+$/.test(bare) ? asCode(bare) + asText(stop) : asText(word)
    })
    .join('')
}
