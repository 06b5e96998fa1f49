/** The formats in which a snapshot can be shared, and their writers. */

import type { EXPORT_FORMATS } from '../../../contract/values.ts'
import { snapshotJson } from '../encode.ts'
import type { SnapshotParts } from '../parts.ts'
import { prometheus } from './prometheus.ts'

export type Format = (typeof EXPORT_FORMATS)[number]

/** File name ending and media type of each format. */
export const FILE_TYPES: Readonly<Record<Format, { readonly ending: string; readonly type: string }>> = {
  json: { ending: 'json', type: 'application/json' },
  csv: { ending: 'csv', type: 'text/csv' },
  html: { ending: 'html', type: 'text/html' },
  markdown: { ending: 'md', type: 'text/markdown' },
  svg: { ending: 'svg', type: 'image/svg+xml' },
  png: { ending: 'png', type: 'image/png' },
  prometheus: { ending: 'prom', type: 'text/plain' },
}

/** The format that a file name ending selects. */
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

/** The format that a file name selects; null where it selects none. */
export function formatOfName(name: string): Format | null {
  return ENDINGS[/\.([a-z]+)(?:\.gz)?$/i.exec(name)?.[1]?.toLowerCase() ?? ''] ?? null
}

/** True for a format that is not text. */
export function isBinary(format: Format): boolean {
  return format === 'png'
}

/** A snapshot in this format, in chunks. All names in it are escaped as the format requires. */
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
      return yield* prometheus(parts)
  }
}
