/**
 * Paints cells as pixels, only those whose step changed. A full cell extends beyond its place by a pixel on every side,
 * as it does in every bar, so its surroundings are repainted when it appears or disappears.
 */
import { FULL, HOLE, UNKNOWN } from './grid-colors.ts'
import { type GridLayout, placeAt } from './grid-layout.ts'

/** Cells of at least this many pixels are separated by a background line; smaller ones would be mostly line. */
const SMALLEST_PARTED = 8
/** How far a full cell and its background outline extend beyond its place. */
const REACH = 2

export type Palette = {
  /** Steps 0 to FULL, as RGBA words in the machine's byte order. */
  steps: Uint32Array
  ground: number
  outline: number
}

export class GridPainter {
  readonly #layout: GridLayout
  readonly #palette: Palette
  readonly #image: ImageData
  readonly #pixels: Uint32Array
  readonly #steps: Uint8Array
  /** How many full cells each cell touches. */
  readonly #fullAround: Uint8Array

  constructor(layout: GridLayout, palette: Palette) {
    this.#layout = layout
    this.#palette = palette
    this.#image = new ImageData(Math.max(1, layout.width + 2 * REACH), Math.max(1, layout.height + 2 * REACH))
    this.#pixels = new Uint32Array(this.#image.data.buffer)
    this.#pixels.fill(palette.ground)
    this.#steps = new Uint8Array(layout.xs.length).fill(HOLE)
    this.#fullAround = new Uint8Array(layout.xs.length)
  }

  /** Pixels around the cells on every side. */
  static readonly margin = REACH

  get width(): number {
    return this.#image.width
  }

  get height(): number {
    return this.#image.height
  }

  /**
   * Applies new steps, `HOLE` for empty cells, and puts the changes on `canvas`. Returns the number of cells painted.
   */
  paint(canvas: CanvasRenderingContext2D, changes: Iterable<readonly [place: number, step: number]>): number {
    let painted = 0
    let top = this.height
    let bottom = 0
    const around = new Set<number>()
    const cleared: number[] = []
    for (const [place, step] of changes) {
      const before = this.#steps[place]
      if (before === step || place < 0) continue
      painted++
      this.#steps[place] = step
      const y = this.#layout.ys[place] ?? 0
      top = Math.min(top, y)
      bottom = Math.max(bottom, y + this.#layout.cellHeight + 2 * REACH)
      if (before === FULL) cleared.push(place)
      if (before === FULL || step === FULL) {
        const more = step === FULL ? 1 : -1
        for (const near of this.#near(place)) this.#fullAround[near] = (this.#fullAround[near] ?? 0) + more
        around.add(place)
      } else if (this.#fullAround[place] !== 0) around.add(place)
      else this.#cell(place, step)
    }
    if (painted === 0) return 0
    for (const place of cleared) this.#clear(place)
    if (around.size > 0) this.#repaint(around)
    canvas.putImageData(this.#image, 0, 0, 0, Math.max(0, top - 2 * REACH), this.width, bottom - top + 4 * REACH)
    return painted
  }

  /** Puts the whole image on a canvas that was cleared. */
  putAll(canvas: Pick<CanvasRenderingContext2D, 'putImageData'>): void {
    canvas.putImageData(this.#image, 0, 0)
  }

  /** Paints these cells and their neighbors: first the regular ones, then the full ones that extend over them. */
  #repaint(places: ReadonlySet<number>): void {
    const all = new Set(places)
    for (const place of places) for (const near of this.#near(place)) all.add(near)
    const full = new Set<number>()
    for (const place of all) {
      const step = this.#steps[place] ?? HOLE
      if (step === FULL) full.add(place)
      else this.#cell(place, step)
      for (const near of this.#near(place)) if (this.#steps[near] === FULL) full.add(near)
    }
    for (const place of full) {
      if (this.#fullAround[place] === 0) this.#rectangle(place, REACH, this.#palette.ground)
    }
    for (const place of full) this.#rectangle(place, 1, this.#palette.steps[FULL] ?? 0)
  }

  #clear(place: number): void {
    this.#rectangle(place, REACH, this.#palette.ground)
  }

  #cell(place: number, step: number): void {
    if (step === UNKNOWN) {
      this.#rectangle(place, 0, this.#palette.outline)
      this.#rectangle(place, -1, this.#palette.ground)
    } else this.#rectangle(place, 0, step === HOLE ? this.#palette.ground : (this.#palette.steps[step] ?? 0))
  }

  #rectangle(place: number, grow: number, color: number): void {
    const { xs, ys, cellWidth, cellHeight } = this.#layout
    const seam = Math.min(cellWidth, cellHeight) >= SMALLEST_PARTED ? 1 : 0
    const left = (xs[place] ?? 0) + REACH - grow
    const width = cellWidth - seam + 2 * grow
    const first = (ys[place] ?? 0) + REACH - grow
    for (let y = first; y < first + cellHeight - seam + 2 * grow; y++) {
      const start = y * this.width + left
      this.#pixels.fill(color, start, start + width)
    }
  }

  /** The cells that a full one would touch. */
  #near(place: number): Set<number> {
    const { xs, ys, cellWidth, cellHeight } = this.#layout
    const [x, y] = [xs[place] ?? 0, ys[place] ?? 0]
    const found = new Set<number>()
    for (const dy of [-REACH, cellHeight >> 1, cellHeight + REACH - 1]) {
      for (const dx of [-REACH, cellWidth >> 1, cellWidth + REACH - 1]) {
        const near = placeAt(this.#layout, x + dx, y + dy)
        if (near >= 0 && near !== place) found.add(near)
      }
    }
    return found
  }
}
