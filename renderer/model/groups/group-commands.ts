/** A group as text for the clipboard: its endpoint, and commands that show it in a terminal. */
import { endpoint } from '../../../electron/contract/format.ts'
import type { GroupRow } from '../../../electron/contract/live.ts'

export function endpointOf(row: GroupRow): string {
  return endpoint(row)
}

/** The line with which `ss` lists its members. */
export function ssCommand({ protocol, family, port }: GroupRow): string {
  return `ss -${protocol === 'tcp' ? 't' : 'u'}lnpe${family === 'ipv4' ? '4' : '6'} 'sport = :${port}'`
}

export function showCommand({ id }: Pick<GroupRow, 'id'>): string {
  return `reuseport-inspector show ${id}`
}
