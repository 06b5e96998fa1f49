/** The forms in which a snapshot is handed on, and who makes them. */

import { snapshotJson } from '../encode.ts'
import type { SnapshotParts } from '../parts.ts'

export const FORMATS = ['json', 'csv', 'html', 'markdown', 'svg', 'png', 'prometheus'] as const
export type Format = (typeof FORMATS)[number]

/** What a file in each form is called, and its media type. */
export const FILE_TYPES: Readonly<Record<Format, { readonly ending: string; readonly type: string }>> = {
  json: { ending: 'json', type: 'application/json' },
  csv: { ending: 'csv', type: 'text/csv' },
  html: { ending: 'html', type: 'text/html' },
  markdown: { ending: 'md', type: 'text/markdown' },
  svg: { ending: 'svg', type: 'image/svg+xml' },
  png: { ending: 'png', type: 'image/png' },
  prometheus: { ending: 'prom', type: 'text/plain' },
}

/** File name endings that say which form is meant. */
const ENDINGS: Readonly<Record<string, Format>> = {
  json: 'json',
  csv: 'csv',
  html: 'html',
  htm: 'html',
  md: 'markdown',
  svg: 'svg',
  png: 'png',
  prom: 'prometheus',
}

/** The form that a file name asks for; null where it asks for none. */
export function formatOfName(name: string): Format | null {
  return ENDINGS[/\.([a-z]+)(?:\.gz)?$/i.exec(name)?.[1]?.toLowerCase() ?? ''] ?? null
}

/** True for a form that is no text. */
export function isBinary(format: Format): boolean {
  return format === 'png'
}

/** A snapshot in this form, in pieces. All names in it are carried as text, in the manner of the form. */
export async function* exported(parts: SnapshotParts, format: Format): AsyncGenerator<string | Uint8Array> {
  switch (format) {
    case 'json':
      return yield* snapshotJson(parts)
    case 'csv':
      return yield* (await import('./csv.ts')).csv(parts)
    case 'html':
      return yield* (await import('./html.ts')).html(parts)
    case 'markdown':
      return yield* (await import('./markdown.ts')).markdown(parts)
    case 'svg':
      return yield* (await import('./svg.ts')).svg(parts)
    case 'png':
      return yield* (await import('./png.ts')).png(parts)
    case 'prometheus':
      return yield* (await import('./prometheus.ts')).prometheus(parts)
  }
}
