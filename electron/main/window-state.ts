/** The window's bounds: stored, and never restored off screen. Pure except for its file. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { reasonOf, replaceFile } from '../engine/index.ts'

/** Device-independent pixels, as Electron counts. */
export const Bounds = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
})
export type Bounds = z.infer<typeof Bounds>

export const WindowState = z.object({ bounds: Bounds, maximized: z.boolean() })
export type WindowState = z.infer<typeof WindowState>

export const MIN_SIZE = { width: 1024, height: 640 } as const
const DEFAULT_SIZE = { width: 1280, height: 800 } as const

/**
 * Where to open: at the stored bounds if still on a screen, otherwise centered. `screens` are the displays' work areas.
 */
export function placeWindow(remembered: WindowState | null, screens: readonly Bounds[]): Place {
  if (remembered === null) return DEFAULT_SIZE
  const { x, y, width, height } = remembered.bounds
  const screen = screens.find((area) => overlap(area, remembered.bounds) >= GRIP)
  const size = {
    width: Math.max(MIN_SIZE.width, Math.min(width, screen?.width ?? width)),
    height: Math.max(MIN_SIZE.height, Math.min(height, screen?.height ?? height)),
  }
  return screen === undefined ? size : { x, y, ...size }
}

/** BrowserWindow options: without x and y it opens centered. */
export type Place = Pick<Bounds, 'width' | 'height'> & Partial<Bounds>

/** Widest frame of any window manager, in pixels; a larger difference means that it chose another position. */
const MAX_FRAME = 64

/**
 * The bounds to store for a window that was placed at `place`, was at `first` when shown, and is at `last` now. On X11
 * Electron's bounds may be off by the window manager's frame: stored unchanged, the window would creep by that much at
 * each start.
 */
export function placeWithoutFrame(place: Place, first: Bounds, last: Bounds): Bounds {
  const without = (side: keyof Bounds): number => {
    const frame = first[side] - (place[side] ?? first[side])
    return Math.abs(frame) > MAX_FRAME ? last[side] : last[side] - frame
  }
  return { x: without('x'), y: without('y'), width: without('width'), height: without('height') }
}

/** Area in square pixels that must be on a screen so that the window can be grabbed. */
const GRIP = 200 * 100

function overlap(a: Bounds, b: Bounds): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  return width > 0 && height > 0 ? width * height : 0
}

/** The state stored at `path`; null if missing or invalid. */
export function readWindowState(path: string): WindowState | null {
  try {
    return WindowState.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}

/** Stores the state. A failure is minor, so it only goes to `report`. */
export function writeWindowState(path: string, state: WindowState, report: (message: string) => void): void {
  try {
    replaceFile(path, JSON.stringify(state))
  } catch (error) {
    report(`The window's position could not be stored in ${path}: ${reasonOf(error).cause}.`)
  }
}
