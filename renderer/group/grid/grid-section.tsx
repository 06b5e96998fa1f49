/** The heat grid with its tools above and its legend below. */
import { useRef, useState } from 'react'
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components'
import { formatCount, formatQueue, formatRate } from '../../ui/format.ts'
import type { MemberEntry } from '../member-table.ts'
import { useGroupState } from '../use-group.ts'
import type { GroupWatch } from '../watch-group.ts'
import { type ColourBy, type ShareOf, summarise } from './grid-colours.ts'
import { GridLegend } from './grid-legend.tsx'
import { HeatGrid } from './heat-grid.tsx'
import type { TileBy } from './tile-board.ts'
import './grid.css'

const COLOURS: Record<ColourBy, string> = { fill: 'Queue fill', drops: 'Drops', share: 'Share', age: 'Age' }
const TILES: Record<TileBy, string> = { process: 'Process', order: 'Join order' }
/** Members that the table for screen readers lists. */
const LISTED = 20

export function GridSection({
  watch,
  members,
  shareOf,
  picked,
  ask,
}: {
  watch: GroupWatch
  members: readonly MemberEntry[]
  /** A member's share of sampled clients against an equal one; null while none were sampled. */
  shareOf: ShareOf | null
  picked: string | null
  /** The question for one client, in the tools. */
  ask: React.ReactNode
}) {
  const [colour, setColour] = useState<ColourBy>('fill')
  const [tile, setTile] = useState<TileBy>('process')
  const picture = useGroupState(watch, ({ picture }) => picture)
  const share = shareOf ?? unknownShare
  const shown = colour === 'share' && shareOf === null ? 'fill' : colour
  const summary = useOnce(`${picture} ${shown}`, members, () => summarise(members, shown, Date.now(), share))
  const colours = (Object.keys(COLOURS) as ColourBy[]).filter((one) => one !== 'share' || shareOf !== null)
  return (
    <section className="grid-section" aria-label="Members">
      <div className="grid-tools">
        <Choice label="Colour" names={COLOURS} options={colours} chosen={shown} choose={setColour} />
        <Choice label="Tile" names={TILES} options={['process', 'order']} chosen={tile} choose={setTile} />
        {ask}
      </div>
      <HeatGrid watch={watch} members={members} colour={shown} tile={tile} shareOf={share} picked={picked} />
      <FullestTable members={members} picture={picture} />
      <GridLegend summary={summary} colour={shown} />
    </section>
  )
}

/** What `make` gave for this `key` and these members: they keep their identity while their numbers change. */
function useOnce<T>(key: string, members: readonly MemberEntry[], make: () => T): T {
  const kept = useRef<{ key: string; members: readonly MemberEntry[]; value: T } | null>(null)
  if (kept.current?.key !== key || kept.current.members !== members) kept.current = { key, members, value: make() }
  return kept.current.value
}

function unknownShare(): null {
  return null
}

function Choice<Name extends string>({
  label,
  names,
  options,
  chosen,
  choose,
}: {
  label: string
  names: Record<Name, string>
  options: readonly Name[]
  chosen: Name
  choose: (name: Name) => void
}) {
  return (
    <>
      <span className="tool-name" aria-hidden="true">
        {label}
      </span>
      <ToggleButtonGroup
        className="segments"
        aria-label={label}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[chosen]}
        onSelectionChange={(keys) => {
          const [key] = keys
          const name = options.find((one) => one === key)
          if (name !== undefined) choose(name)
        }}
      >
        {options.map((name) => (
          <ToggleButton key={name} id={name}>
            {names[name]}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </>
  )
}

/** The picture as a table, for who cannot see it: the members that matter first. */
function FullestTable({ members, picture }: { members: readonly MemberEntry[]; picture: number }) {
  const fullest = useOnce(String(picture), members, () => fullestOf(members, LISTED))
  return (
    <table className="hidden-text">
      <caption>The {LISTED} fullest members</caption>
      <thead>
        <tr>
          <th>Member</th>
          <th>Owner</th>
          <th>Queue</th>
          <th>Drops a second</th>
        </tr>
      </thead>
      <tbody>
        {fullest.map(({ cookie, number, owner, row }) => {
          const { length, limit, unit } = formatQueue(row.queue.length, row.queue.limit, row.queue.unit)
          return (
            <tr key={cookie}>
              <td>{formatCount(number)}</td>
              <td>{owner ? `${owner.command} ${owner.pid}` : 'unknown'}</td>
              <td>{`${length ?? 'unknown'} of ${limit ?? 'unknown'} ${unit}`}</td>
              <td>{row.dropsPerSecond === null ? 'unknown' : formatRate(row.dropsPerSecond)}</td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

/** The `most` fullest, fullest first: one pass, since there may be tens of thousands. */
function fullestOf(members: readonly MemberEntry[], most: number): MemberEntry[] {
  const fullest: MemberEntry[] = []
  for (const entry of members) {
    if (fullest.length === most && entry.fill <= (fullest.at(-1)?.fill ?? -1)) continue
    const at = fullest.findIndex(({ fill }) => entry.fill > fill)
    fullest.splice(at < 0 ? fullest.length : at, 0, entry)
    if (fullest.length > most) fullest.pop()
  }
  return fullest
}
