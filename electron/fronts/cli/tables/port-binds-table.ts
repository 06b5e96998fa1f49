/** Whether binds to a port would succeed: for each address, a row per user and a column per pair of options. */
import type { PortBind, PortHolder } from '../../../contract/port.ts'
import { type BindPlace, bindPlaces, isFree } from '../../../contract/port-rows.ts'
import { type Column, table } from '../layout.ts'
import { type Line, line, span } from '../text.ts'
import { wrap } from '../width.ts'

export type BindTableOptions = {
  /** Names the namespaces, where they need it. */
  readonly nameOf: ((netns: number) => string) | null
  /** The engine's user. */
  readonly uid: number
  readonly columns: number
}

/** A place, or the binds of one user to it. */
type MatrixRow = { readonly title: string; readonly binds: readonly PortBind[] }

/** The order of the columns: none, SO_REUSEADDR, SO_REUSEPORT, both. */
const TITLES = ['PLAIN', 'REUSEADDR', 'REUSEPORT', 'BOTH'] as const
const NARROW_TITLES = ['PLAIN', 'ADDR', 'PORT', 'BOTH'] as const

const RULES =
  'SO_REUSEPORT shares a port among sockets of one user that all set it; SO_REUSEADDR among sockets that all set it, but no TCP port with a listener.'

/** One table for all places, and the sockets that refuse; places where all binds succeed share one line. */
export function bindTables(binds: readonly PortBind[], options: BindTableOptions): Line[] {
  const places = bindPlaces(binds)
  const free = places.filter(isFree)
  const rest = places.filter((place) => !isFree(place))
  const refusing = refusingSockets(rest)
  const prose = Math.min(options.columns, 100)
  const sentences = [
    ...unknownReasons(rest),
    ...(refusing.length > 0 ? [RULES] : []),
    ...(free.length > 0 ? [`Any bind succeeds: ${free.map((place) => titleOf(place, options)).join(', ')}.`] : []),
  ]
  const rows = rest.flatMap((place): MatrixRow[] => [
    { title: titleOf(place, options), binds: [] },
    ...place.rows.map((row) => ({ title: `  ${whoOf(row, options)}`, binds: row.binds })),
  ])
  return [
    ...(rows.length === 0 ? [] : table(matrix(options.columns < NARROW), rows, options.columns)),
    ...(refusing.length === 0 ? [] : [line(''), ...table(refusingColumns, refusing, options.columns)]),
    ...(rows.length === 0 ? [] : [line('')]),
    ...sentences.flatMap((text) => wrap(text, prose, '  ').map((part) => line(part))),
  ]
}

/** In fewer columns a cell is one word; the sockets that refuse have a table of their own. */
const NARROW = 60

function matrix(narrow: boolean): Column<MatrixRow>[] {
  return [
    {
      title: 'BIND TO, AS',
      priority: 100,
      ...(narrow && { shrinkTo: 12 }),
      cell: ({ title, binds }) => line(span(title, binds.length === 0 ? 'strong' : 'plain')),
    },
    ...(narrow ? NARROW_TITLES : TITLES).map((name, at) => ({
      title: name,
      priority: 90 - at,
      shrinkTo: narrow ? 5 : 8,
      cell: ({ binds }: MatrixRow) => cell(binds[at], narrow),
    })),
  ]
}

function cell(bind: PortBind | undefined, narrow: boolean): Line {
  if (bind === undefined) return []
  if (bind.succeeds === true) {
    const joins = narrow ? 'joins' : 'yes, joins'
    return line(span(bind.joins === null ? 'yes' : joins, 'good'))
  }
  if (bind.succeeds === null) return line(span('unknown', 'warning'))
  const no = span('no', 'bad')
  if (narrow) return [no]
  return [no, span(`, ${bind.refusedBy === null ? bind.error : ownerOf(bind.refusedBy)}`, 'quiet')]
}

/** What a socket is called in a cell: its process, or its state where none is known. */
function ownerOf({ holders, state }: PortHolder): string {
  const [first] = holders ?? []
  return first === undefined ? state : `${first.command} ${first.pid}`
}

function refusingSockets(places: readonly BindPlace[]): PortHolder[] {
  const found = new Map<string, PortHolder>()
  for (const { rows } of places) {
    for (const { refusedBy } of rows.flatMap(({ binds }) => binds)) {
      if (refusedBy !== null) found.set(refusedBy.cookie ?? JSON.stringify(refusedBy), refusedBy)
    }
  }
  return [...found.values()]
}

const refusingColumns: readonly Column<PortHolder>[] = [
  { title: 'REFUSED BY', priority: 100, shrinkTo: 12, cell: ownerOf },
  { title: 'BOUND TO', priority: 90, shrinkTo: 16, cell: ({ protocol, address }) => `${protocol} ${address}` },
  { title: 'STATE', priority: 70, cell: ({ state }) => state },
  { title: 'USER', priority: 80, shrinkTo: 8, cell: ({ user }) => user ?? '–' },
  { title: 'SETS', priority: 85, cell: optionsText },
  { title: 'COOKIE', priority: 60, cell: ({ cookie }) => cookie ?? 'unknown' },
]

function optionsText({ options }: PortHolder): string {
  if (options === null) return 'unknown'
  const names = [...(options.reuseaddr ? ['SO_REUSEADDR'] : []), ...(options.reuseport ? ['SO_REUSEPORT'] : [])]
  return names.length === 0 ? 'neither option' : names.join(', ')
}

/** Each reason once. Other errors than a refusing socket explain themselves. */
function unknownReasons(places: readonly BindPlace[]): string[] {
  const found = places.flatMap(({ rows }) =>
    rows.flatMap(({ binds }) =>
      binds.flatMap(({ reason, succeeds, refusedBy, error }) => {
        if (reason === null || refusedBy !== null) return []
        return [succeeds === null ? `Unknown: ${reason}` : `${error}: ${reason}`]
      }),
    ),
  )
  return [...new Set(found)]
}

function titleOf({ first }: BindPlace, { nameOf }: BindTableOptions): string {
  const only = first.address === '::' && first.v6only ? ' IPv6 only' : ''
  const where = nameOf === null ? '' : ` in ${nameOf(first.netns)}`
  return `${first.protocol} ${first.address}${only}${where}`
}

function whoOf({ users, everyone }: BindPlace['rows'][number], { uid: own }: BindTableOptions): string {
  if (everyone) return 'any user'
  return users
    .map(({ uid, user }) => {
      if (uid === null) return 'other users'
      const name = user ?? `uid ${uid}`
      return uid === own ? `${name} (you)` : name
    })
    .join(', ')
}
