/** Where the window was: remembered, and never restored to where no screen is. Pure but for its file. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { writeWhole } from '../engine/settings-file.ts'

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

export const SMALLEST = { width: 1024, height: 640 } as const
const FIRST = { width: 1280, height: 800 } as const

/** Where to open: as it was where that is still on a screen, else in the middle. `screens` are the displays' work areas. */
export function placeWindow(remembered: WindowState | null, screens: readonly Bounds[]): Place {
  if (remembered === null) return FIRST
  const { x, y, width, height } = remembered.bounds
  const screen = screens.find((area) => overlap(area, remembered.bounds) >= GRIP)
  const size = {
    width: Math.max(SMALLEST.width, Math.min(width, screen?.width ?? width)),
    height: Math.max(SMALLEST.height, Math.min(height, screen?.height ?? height)),
  }
  return screen === undefined ? size : { x, y, ...size }
}

/** As a BrowserWindow takes it: without x and y it opens in the middle. */
export type Place = Pick<Bounds, 'width' | 'height'> & Partial<Bounds>

/** No frame that a window manager draws is wider, in pixels; a larger difference is another place that it chose. */
const LARGEST_FRAME = 64

/**
 * What to remember of a window that was put at `place`, was at `first` when it was shown, and is at `last` now. On X11
 * what Electron reports may be off by the frame that the window manager draws: remembered as it is, the window would
 * creep by so much at each start.
 */
export function placeWithoutFrame(place: Place, first: Bounds, last: Bounds): Bounds {
  const without = (side: keyof Bounds): number => {
    const frame = first[side] - (place[side] ?? first[side])
    return Math.abs(frame) > LARGEST_FRAME ? last[side] : last[side] - frame
  }
  return { x: without('x'), y: without('y'), width: without('width'), height: without('height') }
}

/** So much of the window must be on a screen, in square pixels, that a person can take hold of it. */
const GRIP = 200 * 100

function overlap(a: Bounds, b: Bounds): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  return width > 0 && height > 0 ? width * height : 0
}

/** What was stored at `path`; null where nothing was, or nothing that makes sense. */
export function readWindowState(path: string): WindowState | null {
  try {
    return WindowState.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}

/** Stores it. A window that opens elsewhere next time is no reason to trouble anybody, so a failure is only told to `report`. */
export function writeWindowState(path: string, state: WindowState, report: (message: string) => void): void {
  try {
    writeWhole(path, JSON.stringify(state))
  } catch (error) {
    report(`The window's place could not be stored in ${path} (${(error as NodeJS.ErrnoException).code}).`)
  }
}
