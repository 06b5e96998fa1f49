/** The rows of the table in sections: pinned groups first, then by what they have in common. */
import type { Settings } from '../../../electron/contract/settings.ts'
import { rankOf } from '../../../electron/contract/trouble.ts'
import type { GroupEntry } from './group-table.ts'

export type GroupBy = Settings['groupBy']

export type SectionHead = {
  readonly section: true
  readonly key: string
  /** null where it is not known. */
  readonly name: string | null
  readonly groups: number
  /** Severity of the worst group. */
  readonly worst: GroupEntry['trouble']['severity']
  /** Of the groups whose drops are known. */
  readonly dropsPerSecond: number
}

/** Groups are not wrapped: there may be ten thousand, and their order changes every second. */
export type TableItem = GroupEntry | SectionHead

export function isSection(item: TableItem): item is SectionHead {
  return 'section' in item
}

export const PINNED = 'pinned'

/**
 * Sections in the order of their first group, so that with the worst groups first the worst section is first; within
 * them the order stays. Without sections and pins, the groups alone.
 */
export function tableItems(
  order: readonly GroupEntry[],
  by: GroupBy,
  pinned: readonly string[],
  namespaceName: (inode: number) => string,
): readonly TableItem[] {
  if (pinned.length === 0 && by === 'none') return order
  const pins = new Set(pinned)
  const sections = new Map<string, { name: string | null; entries: GroupEntry[] }>()
  if (order.some(({ id }) => pins.has(id))) sections.set(PINNED, { name: 'Pinned', entries: [] })
  else if (by === 'none') return order
  for (const entry of order) {
    const name = pins.has(entry.id) ? PINNED : nameOf(entry, by, namespaceName)
    const key = pins.has(entry.id) ? PINNED : `${by} ${name ?? ''}`
    const section = sections.get(key)
    if (section) section.entries.push(entry)
    else sections.set(key, { name, entries: [entry] })
  }
  return [...sections].flatMap(([key, { name, entries }]): TableItem[] => [headOf(key, name, entries), ...entries])
}

function nameOf({ row }: GroupEntry, by: GroupBy, namespaceName: (inode: number) => string): string | null {
  switch (by) {
    case 'process':
      return row.owners[0]?.command ?? null
    case 'unit':
      return row.owners.find(({ service }) => service !== null)?.service ?? null
    case 'port':
      return String(row.port)
    case 'namespace':
      return namespaceName(row.netns)
    case 'none':
      return 'Others'
  }
}

function headOf(key: string, name: string | null, entries: readonly GroupEntry[]): SectionHead {
  let worst: SectionHead['worst'] = 'none'
  let dropsPerSecond = 0
  for (const { trouble, row } of entries) {
    if (rankOf(trouble) > rankOf({ severity: worst, tag: null })) worst = trouble.severity
    dropsPerSecond += row.dropsPerSecond ?? 0
  }
  return { section: true, key, name, groups: entries.length, worst, dropsPerSecond }
}
