/** Commands that show a group in a terminal, for the clipboard. */
import type { GroupRow } from '../../../electron/contract/live.ts'

/** The line with which `ss` lists its members. */
export function ssCommand({ protocol, family, port }: GroupRow): string {
  return `ss -${protocol === 'tcp' ? 't' : 'u'}lnpe${family === 'ipv4' ? '4' : '6'} 'sport = :${port}'`
}

export function showCommand({ id }: Pick<GroupRow, 'id'>): string {
  return `reuseport-inspector show ${id}`
}
