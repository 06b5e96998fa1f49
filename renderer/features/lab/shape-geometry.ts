/** Diagram of sockets and workers: packets enter on the left, workers are on the right. */
import type { Variant } from '../../../electron/contract/lab.ts'

export const SHAPE_WIDTH = 210
export const SHAPE_HEIGHT = 80

/** A socket is a square, a dispatching thread a large circle, a worker a small one. */
export type Shape = {
  readonly wires: readonly string[]
  readonly sockets: readonly { x: number; y: number; size: number; quiet: boolean }[]
  readonly thread: { x: number; y: number } | null
  readonly workers: readonly { y: number }[]
}

/** Maximum drawn: the diagram shows the structure, the bars show each worker. */
export const MAX_DRAWN = 8
export const WORKER_X = 200

const MIDDLE = 40
const TOP = 6
const BOTTOM = 74
const WIRE_END = 196
const BIG = 10
const SMALL = 6.4

/** `workers` is at least 1. */
export function shapeOf(kind: Variant['shape'], workers: number): Shape {
  const heights = spread(Math.max(1, Math.min(workers, MAX_DRAWN)))
  switch (kind) {
    case 'dispatcher':
      return {
        wires: [`M8 ${MIDDLE}H100`, ...heights.map((y) => curve(106, MIDDLE, WIRE_END, y))],
        sockets: [{ x: 49, y: MIDDLE, size: BIG, quiet: false }],
        thread: { x: 102, y: MIDDLE },
        workers: heights.map((y) => ({ y })),
      }
    case 'shared':
      return {
        wires: [`M8 ${MIDDLE}H44`, ...heights.map((y) => curve(54, MIDDLE, WIRE_END, y))],
        sockets: [{ x: 49, y: MIDDLE, size: BIG, quiet: false }],
        thread: null,
        workers: heights.map((y) => ({ y })),
      }
    case 'reuseport':
      return {
        wires: [`M8 ${MIDDLE}H30`, ...heights.map((y) => `${curve(30, MIDDLE, 130, y)}H${WIRE_END}`)],
        sockets: heights.map((y) => ({ x: 131, y, size: SMALL, quiet: false })),
        thread: null,
        workers: heights.map((y) => ({ y })),
      }
    case 'newest': {
      // The newest, drawn last, receives everything; no wire leads to the others.
      const last = heights.at(-1) ?? MIDDLE
      return {
        wires: [
          `M8 ${MIDDLE}H30`,
          `${curve(30, MIDDLE, 130, last)}H${WIRE_END}`,
          ...heights.slice(0, -1).map((y) => `M134 ${y}H${WIRE_END}`),
        ],
        sockets: heights.map((y) => ({ x: 131, y, size: SMALL, quiet: y !== last })),
        thread: null,
        workers: heights.map((y) => ({ y })),
      }
    }
  }
}

/** Evenly spaced heights; a single one in the middle. */
function spread(count: number): readonly number[] {
  if (count === 1) return [MIDDLE]
  return Array.from({ length: count }, (_, place) => rounded(TOP + ((BOTTOM - TOP) * place) / (count - 1)))
}

function curve(x: number, y: number, toX: number, toY: number): string {
  const half = rounded((x + toX) / 2)
  return `M${x} ${y}C${half} ${y} ${half} ${toY} ${toX} ${toY}`
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
