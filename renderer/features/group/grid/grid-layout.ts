/**
 * Positions of the heat grid's cells, in whole device pixels. Tiles flow from left to right in strips of equal height,
 * filled column by column; a tile wider than the page continues in the next strip. Leftover space goes between tiles.
 */

/** One tile, or the part of it in one strip. */
export type Segment = { tile: number; x: number; columns: number; firstPlace: number; cells: number }

export type GridLayout = {
  width: number
  height: number
  cellWidth: number
  cellHeight: number
  /** Cells from top to bottom of a strip. */
  rows: number
  gap: number
  strips: Segment[][]
  /** Left and top of each place. */
  xs: Int32Array
  ys: Int32Array
  tileOf: Int32Array
}

const LARGEST_CELL = 40
const SMALLEST_CELL = 2
const LARGEST_GAP = 10
const SMALLEST_GAP = 2
const ROWS = [1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 28, 32]
/** With more tiles than this, there is no room for gaps: they are laid out side by side. */
const MAX_SEPARATE_TILES = 4000
/** Marks a segment that holds many tiles. */
const NO_TILE = -1

/**
 * `sizes` are the cells per tile; `width` and `height` the available space in device pixels; `scale` device pixels per
 * CSS pixel. The grid is taller than the space if even the smallest cells do not fit.
 */
export function layOutGrid(sizes: readonly number[], width: number, height: number, scale: number): GridLayout {
  const cells = sizes.reduce((sum, size) => sum + size, 0)
  if (sizes.length > MAX_SEPARATE_TILES) return sideBySide(sizes, layOutGrid([cells], width, height, scale))
  const least = Math.round(SMALLEST_GAP * scale)
  const most = Math.round(LARGEST_GAP * scale)
  for (const [cellWidth, cellHeight] of cellSizes(scale)) {
    if (cells * cellWidth * cellHeight > width * height) continue
    for (const rows of bestRows(sizes, width, height, cellWidth, cellHeight, least)) {
      let gap = most
      while (gap > least && heightOf(flow(sizes, width, cellWidth, rows, gap).length, rows, cellHeight, gap) > height)
        gap--
      return finish(sizes, width, cellWidth, cellHeight, rows, gap)
    }
  }
  return finish(sizes, width, SMALLEST_CELL, SMALLEST_CELL, 16, least)
}

/** The layout as one large tile, in which each cell still knows its own tile. */
function sideBySide(sizes: readonly number[], layout: GridLayout): GridLayout {
  let place = 0
  for (const [tile, size] of sizes.entries()) {
    layout.tileOf.fill(tile, place, place + size)
    place += size
  }
  const strips = layout.strips.map((segments) => segments.map((segment) => ({ ...segment, tile: NO_TILE })))
  return { ...layout, strips }
}

/** Cell sizes from large to small, at most 1.5 times as wide as high. */
function cellSizes(scale: number): [number, number][] {
  const sizes: [number, number][] = []
  for (let width = Math.round(LARGEST_CELL * scale); width >= SMALLEST_CELL; width--) {
    for (let height = width; height >= Math.max(SMALLEST_CELL, Math.ceil(width / 1.5)); height--)
      sizes.push([width, height])
  }
  return sizes.sort((a, b) => b[0] * b[1] - a[0] * a[1])
}

/** The strip heights with which everything fits; first the one that makes the median tile most nearly square. */
function bestRows(
  sizes: readonly number[],
  width: number,
  height: number,
  cellWidth: number,
  cellHeight: number,
  gap: number,
): number[] {
  const middling = [...sizes].sort((a, b) => a - b)[sizes.length >> 1] ?? 1
  const square = Math.sqrt((middling * cellWidth) / cellHeight)
  // A tile much wider than high is hard to recognize.
  return ROWS.filter((rows) => rows * 2 >= Math.min(square, 8))
    .map((rows) => ({
      rows,
      height: heightOf(flow(sizes, width, cellWidth, rows, gap).length, rows, cellHeight, gap),
    }))
    .filter((candidate) => candidate.height <= height)
    .sort((a, b) => Math.abs(a.rows - square) - Math.abs(b.rows - square))
    .map(({ rows }) => rows)
}

function heightOf(strips: number, rows: number, cellHeight: number, gap: number): number {
  return strips * (rows * cellHeight + gap) - gap
}

function flow(sizes: readonly number[], width: number, cellWidth: number, rows: number, gap: number): Segment[][] {
  const strips: Segment[][] = [[]]
  let x = 0
  let firstPlace = 0
  for (const [tile, size] of sizes.entries()) {
    let left = size
    let place = firstPlace
    const whole = Math.ceil(size / rows) * cellWidth
    if (x > 0 && x + whole > width && whole <= width) {
      strips.push([])
      x = 0
    }
    while (left > 0) {
      let columns = Math.floor((width - x) / cellWidth)
      if (columns < 1) {
        strips.push([])
        x = 0
        columns = Math.max(1, Math.floor(width / cellWidth))
      }
      const taken = Math.min(columns, Math.ceil(left / rows))
      const cells = Math.min(left, taken * rows)
      strips.at(-1)?.push({ tile, x, columns: taken, firstPlace: place, cells })
      x += taken * cellWidth + gap
      place += cells
      left -= cells
    }
    firstPlace += size
  }
  return strips
}

function finish(
  sizes: readonly number[],
  width: number,
  cellWidth: number,
  cellHeight: number,
  rows: number,
  gap: number,
): GridLayout {
  const cells = sizes.reduce((sum, size) => sum + size, 0)
  const strips = flow(sizes, width, cellWidth, rows, gap)
  const xs = new Int32Array(cells)
  const ys = new Int32Array(cells)
  const tileOf = new Int32Array(cells)
  let used = 0
  for (const [strip, segments] of strips.entries()) {
    const top = strip * (rows * cellHeight + gap)
    for (const { tile, x, columns, firstPlace, cells } of segments) {
      used = Math.max(used, x + columns * cellWidth)
      for (let i = 0; i < cells; i++) {
        xs[firstPlace + i] = x + Math.floor(i / rows) * cellWidth
        ys[firstPlace + i] = top + (i % rows) * cellHeight
        tileOf[firstPlace + i] = tile
      }
    }
  }
  const height = heightOf(strips.length, rows, cellHeight, gap)
  return { width: used, height, cellWidth, cellHeight, rows, gap, strips, xs, ys, tileOf }
}

/** The place at a pixel; -1 between the tiles and outside. */
export function placeAt({ strips, rows, cellWidth, cellHeight, gap }: GridLayout, x: number, y: number): number {
  const pitch = rows * cellHeight + gap
  const strip = Math.floor(y / pitch)
  const row = Math.floor((y - strip * pitch) / cellHeight)
  if (row < 0 || row >= rows) return -1
  const segments = strips[strip] ?? []
  let low = 0
  let high = segments.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((segments[middle]?.x ?? 0) <= x) low = middle
    else high = middle - 1
  }
  const segment = segments[low]
  if (!segment || x < segment.x) return -1
  const column = Math.floor((x - segment.x) / cellWidth)
  const index = column * rows + row
  return column < segment.columns && index < segment.cells ? segment.firstPlace + index : -1
}

/** The place that an arrow key leads to: the nearest in that direction, across gaps; at an edge the same place. */
export function neighborOf(layout: GridLayout, place: number, direction: 'left' | 'right' | 'up' | 'down'): number {
  const { cellWidth, cellHeight, width, height } = layout
  const [dx, dy] = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }[direction] as [number, number]
  let x = (layout.xs[place] ?? 0) + cellWidth / 2 + dx * cellWidth
  let y = (layout.ys[place] ?? 0) + cellHeight / 2 + dy * cellHeight
  while (x >= 0 && y >= 0 && x < width && y < height) {
    const found = placeAt(layout, Math.floor(x), Math.floor(y))
    if (found >= 0 && found !== place) return found
    x += dx
    y += dy
  }
  return place
}
