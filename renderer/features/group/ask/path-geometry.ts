/** The path of a packet as lines: from the candidates into the ring, to an arc, and out to the member's lane. */
import { pointAt } from '../ring-geometry.ts'

export type Box = { left: number; right: number; top: number; bottom: number }

/** Positions in pixels, all relative to one corner. */
export type PathLayout = {
  /** The title of the candidate list, then each candidate; step 3 is the winner. */
  candidates: readonly { box: Box; step: string | null }[]
  ring: Box
  /** The member's lane; only its left edge matters. */
  lane: Box
}

export type PathDrawing = { path: string; knots: [number, number][]; badges: [number, number, number][] }

/** Width of the ring's drawing (ring.tsx); the orbit runs along its edge, outside the arcs. */
const RING_UNITS = 208
/** Radii in these units: the tip of the needle, the edge of the picked arc. */
const NEEDLE = 65
const PICKED = 101
/** The line down the candidates, from their left edge. */
const RAIL = 8
const CORNER = 6
/** How far left of the lanes the path turns up or down, where there is no text. */
const GUTTER = 28
/** Distance of the fifth step's badge from its lane. */
const LAST_STEP = 12

/**
 * Draws the path for the arc whose middle is at `turn`. An arc of the right half leads straight out; one of the left
 * half along the orbit, under the ring. Then along the gutter to the lane, so that no text is crossed. null if no
 * candidate won.
 */
export function drawPath({ candidates, ring, lane }: PathLayout, turn: number): PathDrawing | null {
  const [title] = candidates
  const winner = candidates.findLast(({ step }) => step === '3')
  if (!title || !winner) return null
  const scale = (ring.right - ring.left) / RING_UNITS
  const [cx, cy] = [(ring.left + ring.right) / 2, middle(ring)]
  const rail = title.box.left + RAIL
  const top = ring.top - 4
  const orbit = (RING_UNITS / 2) * scale
  const on = (angle: number, radius: number): [number, number] => {
    const [x, y] = pointAt(angle, radius)
    return [cx + x, cy + y]
  }
  const into = [
    `M${p(rail, middle(title.box))}V${p(top - CORNER)}Q${p(rail, top, rail + CORNER, top)}`,
    `H${p(cx - CORNER)}Q${p(cx, top, cx, top + CORNER)}V${p(cy)}L${p(...on(turn, NEEDLE * scale))}`,
  ]
  const leave = turn > 0.5 ? on(0.5, orbit) : on(turn, orbit)
  const out = [
    `M${p(...on(turn, PICKED * scale))}L${p(...on(turn, orbit))}`,
    turn > 0.5 ? `A${p(orbit, orbit)} 0 0 0 ${p(...leave)}` : '',
    alongGutter(leave[1], lane),
  ]
  const knots = candidates.slice(1).filter(({ step }) => step !== '3')
  return {
    path: [...into, ...out].join(''),
    knots: knots.map(({ box }) => [rail, middle(box)]),
    badges: [
      [1, rail, middle(title.box)],
      [3, rail, middle(winner.box)],
      [4, cx, cy],
      [5, lane.left - LAST_STEP, middle(lane)],
    ],
  }
}

/** From the height `y` to the lane, with rounded corners where there is room. */
function alongGutter(y: number, lane: Box): string {
  const to = middle(lane)
  const x = lane.left - GUTTER
  const corner = Math.min(CORNER, Math.abs(to - y) / 2)
  const turn = Math.sign(to - y) * corner
  return [
    `H${p(x - corner)}Q${p(x, y, x, y + turn)}`,
    `V${p(to - turn)}Q${p(x, to, x + corner, to)}`,
    `H${p(lane.left)}`,
  ].join('')
}

function middle({ top, bottom }: Box): number {
  return (top + bottom) / 2
}

function p(...values: number[]): string {
  return values.map((value) => value.toFixed(1)).join(' ')
}
