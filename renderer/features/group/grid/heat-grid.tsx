/**
 * Beyond a few dozen members: one cell per member on a canvas, in tiles, with a card for the cell under the pointer or
 * keyboard cursor.
 */
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { usePageStore } from '../../../model/store/context.ts'
import { engineNow } from '../../../model/store/engine-clock.ts'
import { countOf, formatCount, formatQueue, formatRate } from '../../../ui/format.ts'
import { tokenColors, useTheme } from '../../../ui/token-colors.ts'
import { MemberCard } from '../member-card.tsx'
import type { MemberEntry } from '../member-entry.ts'
import { ownerText } from '../member-owner.ts'
import { isFullMember } from '../utilization.ts'
import type { GroupWatch } from '../watch-group.ts'
import { type ColorBy, HOLE, type ShareOf, stepOf, unknownShare } from './grid-colors.ts'
import { type GridLayout, layOutGrid, neighborOf, placeAt } from './grid-layout.ts'
import { GridPainter, type Palette } from './grid-painter.ts'
import css from './heat-grid.module.css'
import { type Tile, TileBoard, type TileBy } from './tile-board.ts'

/** Minimum height of the grid in CSS pixels; otherwise it takes the remaining height. */
const MIN_HEIGHT = 220
/** Height reserved below the grid. */
const BELOW = 176

type Scene = { board: TileBoard; layout: GridLayout; painter: GridPainter; scale: number }

export function HeatGrid({
  watch,
  members,
  color,
  tile,
  shareOf,
  picked,
  chosen,
  choose,
}: {
  watch: GroupWatch
  members: readonly MemberEntry[]
  color: ColorBy
  tile: TileBy
  shareOf: ShareOf
  /** Id of the member that the typed client reaches. */
  picked: string | null
  /** Id of the chosen member, and how another one is chosen. */
  chosen: string | null
  choose: (id: string | null) => void
}) {
  const holder = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const room = useRoom(holder)
  const theme = useTheme()
  const board = useMemo(() => new TileBoard(tile), [tile])
  const [scene, setScene] = useState<Scene | null>(null)
  const [at, setAt] = useState<MemberEntry | null>(null)

  // Clients are sampled repeatedly: repaint only where the grid shows shares.
  const sampled = color === 'share' ? shareOf : unknownShare
  const { session } = usePageStore()
  const stepNow = useCallback(
    (entry: MemberEntry) => stepOf(entry, color, engineNow(session), sampled),
    [color, sampled, session],
  )

  // New members, a new size or a new theme: lay out and paint everything again.
  useLayoutEffect(() => {
    if (room === null || theme === '') return
    board.update(members.filter(({ presence }) => presence !== 'gone'))
    const { width, height, scale } = room
    const sizes = board.tiles.map(({ members }) => members.length)
    const layout = layOutGrid(sizes, Math.floor(width * scale), Math.floor(height * scale), scale)
    setScene({ board, layout, scale, painter: new GridPainter(layout, readPalette()) })
  }, [board, members, room, theme])

  useLayoutEffect(() => {
    const element = canvas.current
    if (!element || !scene) return
    element.width = scene.painter.width
    element.height = scene.painter.height
    const context = element.getContext('2d', { alpha: false })
    if (!context) return
    scene.painter.paint(context, everyCell(scene.board.tiles, stepNow))
    // Setting a canvas's size clears it, even if its painter has nothing new to paint.
    scene.painter.putAll(context)
    return paintChanges(watch, context, scene.painter, stepNow)
  }, [scene, stepNow, watch])

  const found = at !== null && at.place >= 0 && at.presence !== 'gone' ? at : null
  const pointed = (event: React.PointerEvent) => {
    const box = canvas.current?.getBoundingClientRect()
    if (!box || !scene) return
    const margin = GridPainter.margin
    const x = Math.floor((event.clientX - box.left) * scene.scale) - margin
    const y = Math.floor((event.clientY - box.top) * scene.scale) - margin
    const entry = entryAt(scene, placeAt(scene.layout, x, y))
    setAt(entry)
  }
  const pressed = (event: React.KeyboardEvent) => {
    if (!scene || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Escape') {
      if (at) event.preventDefault()
      return setAt(null)
    }
    if (event.key === 'Enter' && found) {
      event.preventDefault()
      return choose(found.id === chosen ? null : found.id)
    }
    const entry = entryForKey(scene, found, event.key)
    if (!entry) return
    event.preventDefault()
    setAt(entry)
  }

  const words = `Heat grid of ${formatCount(members.length)} members in ${countOf(board.tiles.length, 'tile')}, ${tile === 'process' ? 'one per process' : 'in join order'}.`
  return (
    <div
      ref={holder}
      className={css.grid}
      // Screen readers treat a value changed by arrow keys as a slider: they pass the keys on and read out the member.
      role="slider"
      aria-label={`${words} Arrow keys move between members, Page Up and Page Down between tiles, F to the next full member, Enter chooses one.`}
      aria-valuemin={1}
      aria-valuemax={members.length}
      aria-valuenow={found?.number ?? 1}
      aria-valuetext={found ? memberText(found) : 'no member selected'}
      tabIndex={0}
      onKeyDown={pressed}
      onFocus={(event) => {
        if (!found && scene && event.currentTarget.matches(':focus-visible')) {
          const first = entryForKey(scene, null, 'Home')
          setAt(first)
        }
      }}
      onBlur={() => setAt(null)}
      onPointerMove={pointed}
      onPointerLeave={() => setAt(null)}
      onClick={() => found && choose(found.id === chosen ? null : found.id)}
    >
      <canvas ref={canvas} style={canvasStyle(scene)} />
      {scene && found && <Cursor scene={scene} watch={watch} entry={found} tile={tile} />}
      {scene && chosen !== null && <Chosen scene={scene} entry={watch.members.get(chosen)} />}
      {scene && picked !== null && <Picked scene={scene} entry={watch.members.get(picked)} />}
    </div>
  )
}

/** Current size of the holder, and the device pixel ratio. */
function useRoom(holder: React.RefObject<HTMLDivElement | null>) {
  const [room, setRoom] = useState<{ width: number; height: number; scale: number } | null>(null)
  // Before anything is drawn: what is below the grid would move.
  useLayoutEffect(() => {
    const element = holder.current
    if (!element) return
    const measure = () => {
      const width = element.clientWidth
      const screen = element.closest('[data-screen]')
      const above = screen
        ? element.getBoundingClientRect().top - screen.getBoundingClientRect().top + screen.scrollTop
        : 0
      const height = Math.max(MIN_HEIGHT, (screen?.clientHeight ?? 0) - above - BELOW)
      const scale = window.devicePixelRatio
      setRoom((room) =>
        room && room.width === width && room.height === height && room.scale === scale
          ? room
          : { width, height, scale },
      )
    }
    measure()
    const resized = new ResizeObserver(measure)
    resized.observe(element)
    const screen = element.closest('[data-screen]')
    if (screen) resized.observe(screen)
    return () => resized.disconnect()
  }, [holder])
  return room
}

/** Paints changes, at most once per animation frame, until the returned function is called. */
function paintChanges(
  watch: GroupWatch,
  context: CanvasRenderingContext2D,
  painter: GridPainter,
  stepNow: (entry: MemberEntry) => number,
): () => void {
  let waiting = new Set<MemberEntry>()
  let frame = 0
  const paint = () => {
    frame = 0
    const changed = waiting
    waiting = new Set()
    painter.paint(context, cellsOf(changed, stepNow))
  }
  const stop = watch.members.subscribe((moved) => {
    if (waiting.size === 0) waiting = new Set(moved)
    else for (const entry of moved) waiting.add(entry)
    if (frame === 0) frame = requestAnimationFrame(paint)
  })
  return () => {
    stop()
    cancelAnimationFrame(frame)
  }
}

function* cellsOf(
  entries: Iterable<MemberEntry>,
  stepNow: (entry: MemberEntry) => number,
): Iterable<readonly [number, number]> {
  for (const entry of entries) {
    if (entry.place >= 0) yield [entry.place, entry.presence === 'gone' ? HOLE : stepNow(entry)]
  }
}

function* everyCell(
  tiles: readonly Tile[],
  stepNow: (entry: MemberEntry) => number,
): Iterable<readonly [number, number]> {
  for (const { members } of tiles)
    yield* cellsOf(
      members.filter((entry) => entry !== null),
      stepNow,
    )
}

function readPalette(): Palette {
  const steps = ['q-0', 'q-1', 'q-2', 'q-3', 'q-4', 'q-5', 'q-6', 'q-full'] as const
  const colors = tokenColors([...steps, 'surface-content', 'line-strong'])
  const pen = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
  const word = (color: string): number => {
    if (!pen) return 0
    pen.fillStyle = color
    pen.fillRect(0, 0, 1, 1)
    return new Uint32Array(pen.getImageData(0, 0, 1, 1).data.buffer)[0] ?? 0
  }
  return {
    steps: Uint32Array.from(steps, (name) => word(colors[name])),
    ground: word(colors['surface-content']),
    outline: word(colors['line-strong']),
  }
}

function canvasStyle(scene: Scene | null): React.CSSProperties | undefined {
  if (!scene) return undefined
  const { painter, scale } = scene
  const margin = -GridPainter.margin / scale
  return { width: painter.width / scale, height: painter.height / scale, margin }
}

function entryAt({ board, layout }: Scene, place: number): MemberEntry | null {
  const tile = board.tiles[layout.tileOf[place] ?? -1]
  return tile?.members.find((entry) => entry?.place === place) ?? null
}

const ARROWS = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' } as const

/** The member that a key leads to; null if the key does nothing. */
function entryForKey(scene: Scene, from: MemberEntry | null, key: string): MemberEntry | null {
  const { board, layout } = scene
  const all = () => board.tiles.flatMap(({ members }) => members).filter((entry) => entry !== null)
  if (from === null || key === 'Home') return key.startsWith('Arrow') || key === 'Home' ? (all()[0] ?? null) : null
  if (key === 'End') return all().at(-1) ?? null
  if (key === 'f' || key === 'F') {
    const entries = all()
    const start = entries.indexOf(from) + 1
    return [...entries.slice(start), ...entries.slice(0, start)].find(({ row }) => isFullMember(row)) ?? from
  }
  if (key === 'PageDown' || key === 'PageUp') {
    const tile = layout.tileOf[from.place] ?? 0
    const next = board.tiles[tile + (key === 'PageDown' ? 1 : -1)]
    return next?.members.find((entry) => entry !== null) ?? from
  }
  const direction = ARROWS[key as keyof typeof ARROWS]
  if (!direction) return null
  // Skip empty cells.
  for (let place = from.place; ; ) {
    const next = neighborOf(layout, place, direction)
    if (next === place) return from
    const entry = entryAt(scene, next)
    if (entry) return entry
    place = next
  }
}

function memberText({ number, owner, row }: MemberEntry): string {
  const { length, limit, unit } = formatQueue(row.queue.length, row.queue.limit, row.queue.unit)
  const whose = owner ? ownerText(owner) : 'owner unknown'
  const full = isFullMember(row) ? ', full' : ''
  const drops = row.dropsPerSecond ? `, ${formatRate(row.dropsPerSecond)} drops per second` : ''
  return `Member ${formatCount(number)}, ${whose}: ${length ?? 'unknown'} of ${limit ?? 'unknown'} ${unit || 'connections'}${full}${drops}`
}

/** Frames around the cell and its tile, and the card beside the tile. */
function Cursor({ scene, watch, entry, tile }: { scene: Scene; watch: GroupWatch; entry: MemberEntry; tile: TileBy }) {
  const { layout, scale, board } = scene
  const [x, y] = [(layout.xs[entry.place] ?? 0) / scale, (layout.ys[entry.place] ?? 0) / scale]
  const [width, height] = [layout.cellWidth / scale, layout.cellHeight / scale]
  const index = layout.tileOf[entry.place] ?? 0
  const segments = layout.strips.flatMap((segments, strip) =>
    segments.filter((segment) => segment.tile === index).map((segment) => ({ ...segment, strip })),
  )
  const here = segments.find(({ firstPlace, cells }) => entry.place >= firstPlace && entry.place < firstPlace + cells)
  const right = here ? (here.x + here.columns * layout.cellWidth) / scale : x + width
  const left = here ? here.x / scale : x
  return (
    <>
      {segments.map((segment) => (
        <div
          key={segment.firstPlace}
          className={css.tile}
          style={{
            left: segment.x / scale,
            top: (segment.strip * (layout.rows * layout.cellHeight + layout.gap)) / scale,
            width: (segment.columns * layout.cellWidth) / scale,
            height: (layout.rows * layout.cellHeight) / scale,
          }}
        />
      ))}
      <div className={css.cell} style={{ left: x, top: y, width, height }} />
      <div
        className={css.card}
        style={{
          ...cardPlace([left, right], [x, x + width], layout.width / scale),
          top: Math.max(0, Math.min(y - 40, layout.height / scale - 150)),
        }}
      >
        <MemberCard watch={watch} entry={entry}>
          <p>{tileText(board.tiles[index], tile)}</p>
        </MemberCard>
      </div>
    </>
  )
}

const CARD_WIDTH = 280
const CARD_GAP = 14

/** Places the card where it covers neither the tile nor, if there is no room for that, the cell. */
function cardPlace(tile: [number, number], cell: [number, number], total: number): React.CSSProperties {
  for (const [left, right] of [tile, cell]) {
    if (right + CARD_GAP + CARD_WIDTH <= total) return { left: right + CARD_GAP }
    if (left >= CARD_GAP + CARD_WIDTH) return { right: `calc(100% - ${left - CARD_GAP}px)` }
  }
  return { left: 0 }
}

/** "This process: 213 of 256 full." */
function tileText(tile: Tile | undefined, by: TileBy): string {
  const members = (tile?.members ?? []).filter((entry) => entry !== null)
  const full = members.filter(({ row }) => isFullMember(row)).length
  const name = by === 'process' ? 'This process' : `Of ${tile?.name ?? 'these members'}`
  if (full === 0) return `${name}: none of ${formatCount(members.length)} is full.`
  return `${name}: ${formatCount(full)} of ${formatCount(members.length)} full.`
}

/** The chosen member: framed, never recolored. */
function Chosen({ scene, entry }: { scene: Scene; entry: MemberEntry | undefined }) {
  if (!entry || entry.place < 0) return null
  const { layout, scale } = scene
  const style = {
    left: (layout.xs[entry.place] ?? 0) / scale,
    top: (layout.ys[entry.place] ?? 0) / scale,
    width: layout.cellWidth / scale,
    height: layout.cellHeight / scale,
  }
  return <div className={css.chosen} style={style} />
}

/** The member that the typed client reaches: circled, never recolored. */
function Picked({ scene, entry }: { scene: Scene; entry: MemberEntry | undefined }) {
  if (!entry || entry.place < 0) return null
  const { layout, scale } = scene
  const left = ((layout.xs[entry.place] ?? 0) + layout.cellWidth / 2) / scale
  const top = ((layout.ys[entry.place] ?? 0) + layout.cellHeight / 2) / scale
  return <div className={css.picked} style={{ left, top }} />
}
