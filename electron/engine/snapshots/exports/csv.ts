/** One row per member, for spreadsheets (RFC 4180). */
import type { Group, Member, Namespace } from '../../../contract/model.ts'
import type { SnapshotParts } from '../parts.ts'
import { visible } from './visible.ts'

type Row = { readonly group: Group; readonly member: Member; readonly netns: string }
type Cell = string | number | boolean | null

/** Fields with a column of their name. */
const GROUP_FIELDS = ['protocol', 'family', 'v6only', 'address', 'port', 'interface', 'sharing', 'evidence'] as const
const MEMBER_FIELDS = ['cookie', 'inode', 'uid', 'user', 'state'] as const

const COLUMNS: readonly (readonly [title: string, cell: (row: Row) => Cell])[] = [
  ['group', ({ group }) => group.id],
  ['netns', ({ netns }) => netns],
  ...GROUP_FIELDS.map((name) => [name, ({ group }: Row) => group[name]] as const),
  ...MEMBER_FIELDS.map((name) => [name, ({ member }: Row) => member[name]] as const),
  ['queue_length', ({ member }) => member.queue.length],
  ['queue_limit', ({ member }) => member.queue.limit],
  ['queue_unit', ({ member }) => member.queue.unit],
  ['drops', ({ member }) => member.drops],
  ['given', ({ member }) => member.given?.count ?? null],
  ['given_per_second', ({ member }) => member.given?.perSecond ?? null],
  ['accepted_per_second', ({ member }) => member.given?.acceptedPerSecond ?? null],
  ['commands', ({ member }) => distinct(member.holders?.map((holder) => holder.command))],
  ['pids', ({ member }) => distinct(member.holders?.map((holder) => holder.pid))],
  ['pollers', ({ member }) => distinct(member.pollers)],
]

/** Unknown is an empty cell. */
export async function* csv(parts: SnapshotParts): AsyncGenerator<string> {
  let names = new Map<number, string>()
  for await (const part of parts) {
    if ('head' in part) {
      names = new Map(part.head.namespaces.map(({ inode, name }: Namespace) => [inode, name]))
      yield csvLine(COLUMNS.map(([title]) => title))
    }
    if (!('group' in part)) continue
    const { group } = part
    const netns = names.get(group.netns) ?? String(group.netns)
    const rows = group.members.map((member) => csvLine(COLUMNS.map(([, cell]) => cell({ group, member, netns }))))
    if (rows.length > 0) yield rows.join('')
  }
}

/** One line of CSV. Unknown is an empty cell. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(write).join(',')}\r\n`
}

/**
 * How a formula starts: also in full-width characters, which spreadsheets of East Asian locales read the same, and
 * after a tab or carriage return (OWASP, "CSV Injection"). `|` and `%` start old forms of a command (DDE).
 */
const FORMULA = /^\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]/u

/** A spreadsheet executes text that starts like a formula; an apostrophe before it makes it text. */
function write(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell !== 'string') return String(cell)
  const text = visible(cell)
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",;\r\n\t']|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function distinct(values: readonly (string | number)[] | null | undefined): string | null {
  return values === null || values === undefined ? null : [...new Set(values)].join(' ')
}
