import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  placeWindow,
  placeWithoutFrame,
  readWindowState,
  writeWindowState,
} from '../../../electron/main/window-state.ts'

const SCREEN = { x: 0, y: 0, width: 1920, height: 1080 }
const RIGHT = { x: 1920, y: 0, width: 2560, height: 1440 }
const at = (x: number, y: number, width: number, height: number) => ({
  bounds: { x, y, width, height },
  maximized: false,
})

test('the first window is 1280×800, in the middle', () => {
  expect(placeWindow(null, [SCREEN])).toEqual({ width: 1280, height: 800 })
})

test('the next one is where the last one was', () => {
  expect(placeWindow(at(2000, 100, 1500, 900), [SCREEN, RIGHT])).toEqual({ x: 2000, y: 100, width: 1500, height: 900 })
  // Half beside the screen, as somebody left it.
  expect(placeWindow(at(-600, 50, 1200, 800), [SCREEN])).toEqual({ x: -600, y: 50, width: 1200, height: 800 })
})

test('a screen that is gone, or shows too little to take hold of, is not waited for', () => {
  expect(placeWindow(at(2000, 100, 1500, 900), [SCREEN])).toEqual({ width: 1500, height: 900 })
  expect(placeWindow(at(1900, 100, 1500, 900), [SCREEN])).toEqual({ width: 1500, height: 900 })
  expect(placeWindow(at(0, 0, 1500, 900), [])).toEqual({ width: 1500, height: 900 })
})

test('it is no larger than its screen and no smaller than its page allows', () => {
  expect(placeWindow(at(0, 0, 5000, 3000), [SCREEN])).toEqual({ x: 0, y: 0, width: 1920, height: 1080 })
  expect(placeWindow(at(0, 0, 300, 200), [SCREEN])).toEqual({ x: 0, y: 0, width: 1024, height: 640 })
})

test('what is stored comes back; what makes no sense is as nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'window-'))
  const path = join(folder, 'window.json')
  try {
    expect(readWindowState(path)).toBeNull()
    const reports: string[] = []
    writeWindowState(path, at(1, 2, 1300, 900), (message) => reports.push(message))
    expect(readWindowState(path)).toEqual(at(1, 2, 1300, 900))
    for (const text of ['', '{}', '{"bounds":{"x":0,"y":0,"width":"1","height":1},"maximized":false}', 'null']) {
      writeFileSync(path, text)
      expect(readWindowState(path)).toBeNull()
    }
    writeWindowState('/dev/null/window.json', at(0, 0, 1, 1), (message) => reports.push(message))
    expect(reports).toEqual([expect.stringContaining('could not be stored in /dev/null')])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the frame that a window manager draws is left out of what is remembered', () => {
  const framed = { x: 110, y: 137, width: 1280, height: 800 }
  const place = { x: 100, y: 100, width: 1280, height: 800 }
  expect(placeWithoutFrame(place, framed, framed)).toEqual(place)
  expect(placeWithoutFrame(place, framed, { x: 310, y: 237, width: 1500, height: 900 })).toEqual({
    x: 300,
    y: 200,
    width: 1500,
    height: 900,
  })
  // The first window has no place of its own, and a tiling window manager puts it where it likes.
  const tiled = { x: 960, y: 0, width: 960, height: 1080 }
  expect(placeWithoutFrame({ width: 1280, height: 800 }, tiled, tiled)).toEqual(tiled)
})
