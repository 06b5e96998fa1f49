/**
 * The highest utilization and the losses of many tracks, one value per step of time, each track in a ring. Only changes
 * are recorded: a utilization holds until the next one. Tracks are allocated in slabs, so that a new one moves no other.
 */

/** A step in which nothing was read, so that nothing is known of it. */
export const NOT_READ = -2
/** A step whose value the kernel does not report. */
export const UNKNOWN = -1

/** A power of two. */
const TRACKS_PER_SLAB = 64
const SLAB_SHIFT = 6
const SLAB_MASK = TRACKS_PER_SLAB - 1
const NO_UTILIZATION = 0xffff
const MAX_UTILIZATION = NO_UTILIZATION - 1
const NO_LOSS = 0xffffffff
const MAX_LOSS = NO_LOSS - 1
const SAMPLE_BYTES = Uint16Array.BYTES_PER_ELEMENT + Uint32Array.BYTES_PER_ELEMENT
const TRACK_BYTES = 2 * Float64Array.BYTES_PER_ELEMENT

/** The values of one step are beside each other, because a refresh writes those of all tracks. */
type Slab = {
  readonly utilization: Uint16Array
  readonly lost: Uint32Array
  /** The first step of each track, and the newest one that was written. */
  readonly first: Float64Array
  readonly newest: Float64Array
}

/** Consecutive steps of one track. */
export type Steps = {
  /** Start of the first step, in milliseconds since 1970. */
  from: number
  stepMs: number
  /** Thousandths of the limit, UNKNOWN or NOT_READ. */
  utilization: number[]
  /** A count, or UNKNOWN; 0 where nothing was read: what was lost meanwhile is in the next step. */
  lost: number[]
}

export class StepRings {
  readonly stepMs: number
  /** Steps in each ring. */
  readonly length: number
  readonly #slabs: Slab[] = []
  /** For each place of a ring, the latest step there in which the machine was read. */
  readonly #read: Float64Array
  #lastStep = Number.NEGATIVE_INFINITY
  /** The last time that was recorded, its step, and the place of that in a ring: all tracks of a refresh have the same. */
  #at = Number.NaN
  #step = 0
  #slot = 0

  constructor(stepMs: number, length: number) {
    this.stepMs = stepMs
    this.length = length
    this.#read = new Float64Array(length)
  }

  /** Bytes of a slab: memory grows by this. */
  get slabBytes(): number {
    return TRACKS_PER_SLAB * (this.length * SAMPLE_BYTES + TRACK_BYTES)
  }

  get bytes(): number {
    return this.#slabs.length * this.slabBytes + this.#read.byteLength
  }

  /** Whether this track needs another slab. */
  needsSlab(track: number): boolean {
    return track >= this.#slabs.length * TRACKS_PER_SLAB
  }

  /** Notes a refresh at `at`; the steps since the previous one were read too if it was at most `heldMs` ago. */
  tick(at: number, heldMs: number): void {
    const step = this.#stepAt(at)
    const held = step - this.#lastStep <= Math.ceil(heldMs / this.stepMs)
    const from = held ? this.#lastStep + 1 : step
    for (let one = Math.max(from, step - this.length + 1); one <= step; one++) this.#read[one % this.length] = one
    this.#lastStep = Math.max(this.#lastStep, step)
  }

  /** Begins a track with the utilization that it has had since `at`. It may have been another track before. */
  begin(track: number, at: number, utilization: number): void {
    while (this.needsSlab(track)) this.#slabs.push(slabOf(this.length))
    const slab = this.#slab(track)
    const step = this.#stepAt(at)
    slab.first[track % TRACKS_PER_SLAB] = step
    slab.newest[track % TRACKS_PER_SLAB] = step
    this.#write(slab, track, step, levelOf(utilization), 0)
  }

  /** Records a value from `at` on, and what was lost since the previous one. UNKNOWN where they are. */
  record(track: number, at: number, utilization: number, lost: number): void {
    if (at !== this.#at) this.#moveTo(at)
    const slab = this.#slabs[track >> SLAB_SHIFT]
    if (slab === undefined) throw new RangeError(`track ${track} was not begun`)
    const place = track & SLAB_MASK
    const step = this.#step
    const newest = slab.newest[place] ?? 0
    if (step < newest) return
    const level = levelOf(utilization)
    const loss = lost < 0 ? NO_LOSS : Math.min(lost, MAX_LOSS)
    const index = (this.#slot << SLAB_SHIFT) + place
    if (step === newest) {
      slab.utilization[index] = higher(slab.utilization[index] ?? NO_UTILIZATION, level)
      if (loss !== 0) slab.lost[index] = added(slab.lost[index] ?? 0, loss)
      return
    }
    if (step > newest + 1) this.#carry(slab, track, newest, step)
    slab.utilization[index] = level
    slab.lost[index] = loss
    slab.newest[place] = step
  }

  #moveTo(at: number): void {
    this.#at = at
    this.#step = this.#stepAt(at)
    this.#slot = this.#step % this.length
  }

  /** The newest step of a track that was written. */
  newest(track: number): number {
    return this.#slabs[track >> SLAB_SHIFT]?.newest[track & SLAB_MASK] ?? 0
  }

  /** Gives the newest step of a track in `finer`, whose steps are shorter by a whole number, what that has in it. */
  fold(track: number, finer: StepRings): void {
    const ratio = this.stepMs / finer.stepMs
    const from = finer.#slab(track)
    const place = track & SLAB_MASK
    const last = from.newest[place] ?? 0
    const step = Math.floor(last / ratio)
    let level = NO_UTILIZATION
    let loss = 0
    for (let one = Math.max(step * ratio, from.first[place] ?? 0, last - finer.length + 1); one <= last; one++) {
      const index = finer.#index(track, one)
      level = higher(level, from.utilization[index] ?? NO_UTILIZATION)
      loss = added(loss, from.lost[index] ?? 0)
    }
    const slab = this.#slab(track)
    const newest = slab.newest[place] ?? 0
    if (step > newest + 1) this.#carry(slab, track, newest, step)
    this.#write(slab, track, step, level, loss)
    slab.newest[place] = step
  }

  /** The steps of a track from `from` to `to`, both in milliseconds since 1970; none before it began. */
  steps(track: number, from: number, to: number): Steps {
    const slab = this.#slab(track)
    const place = track % TRACKS_PER_SLAB
    const newest = slab.newest[place] ?? 0
    const last = this.#stepAt(to)
    const first = Math.max(this.#stepAt(from), slab.first[place] ?? 0, last - this.length + 1)
    const held = slab.utilization[this.#index(track, newest)] ?? NO_UTILIZATION
    const steps: Steps = { from: first * this.stepMs, stepMs: this.stepMs, utilization: [], lost: [] }
    for (let step = first; step <= last; step++) {
      const index = this.#index(track, step)
      const stored = step <= newest && step > newest - this.length
      const level = stored ? (slab.utilization[index] ?? NO_UTILIZATION) : held
      const loss = stored ? (slab.lost[index] ?? 0) : 0
      const read = this.#read[step % this.length] === step
      steps.utilization.push(read ? (level === NO_UTILIZATION ? UNKNOWN : level) : NOT_READ)
      steps.lost.push(loss === NO_LOSS ? UNKNOWN : loss)
    }
    return steps
  }

  /** The times from `from` to `to` in which nothing was read, since the first refresh. */
  gaps(from: number, to: number): { from: number; to: number }[] {
    const last = Math.min(this.#stepAt(to), this.#lastStep)
    const oldest = this.#read.reduce((least, step) => (step > 0 ? Math.min(least, step) : least), Number.MAX_VALUE)
    const gaps: { from: number; to: number }[] = []
    for (let step = Math.max(this.#stepAt(from), oldest, last - this.length + 1); step <= last; step++) {
      if (this.#read[step % this.length] === step) continue
      const at = step * this.stepMs
      const open = gaps.at(-1)
      if (open?.to === at) open.to = at + this.stepMs
      else gaps.push({ from: at, to: at + this.stepMs })
    }
    return gaps
  }

  /** The same tracks in steps of twice the length, in half the memory. */
  halved(): StepRings {
    const half = new StepRings(2 * this.stepMs, Math.ceil(this.length / 2))
    const oldest = this.#lastStep - this.length + 1
    for (const step of this.#read) {
      const wider = Math.floor(step / 2)
      if (step >= oldest && wider > half.#lastStep - half.length) half.#read[wider % half.length] = wider
    }
    half.#lastStep = Math.floor(this.#lastStep / 2)
    for (const slab of this.#slabs) half.#slabs.push(this.#halve(slab, half))
    return half
  }

  #halve(slab: Slab, half: StepRings): Slab {
    const made = slabOf(half.length)
    for (let place = 0; place < TRACKS_PER_SLAB; place++) {
      const newest = slab.newest[place] ?? 0
      const first = Math.max(slab.first[place] ?? 0, newest - this.length + 1)
      made.first[place] = Math.floor((slab.first[place] ?? 0) / 2)
      made.newest[place] = Math.floor(newest / 2)
      for (let step = first; step <= newest; step++) {
        const from = (step % this.length) * TRACKS_PER_SLAB + place
        const to = (Math.floor(step / 2) % half.length) * TRACKS_PER_SLAB + place
        const [level, loss] = [slab.utilization[from] ?? NO_UTILIZATION, slab.lost[from] ?? 0]
        const joins = step > first && step % 2 === 1
        const [other, otherLoss] = joins ? [made.utilization[to] ?? NO_UTILIZATION, made.lost[to] ?? 0] : [level, 0]
        made.utilization[to] = higher(other, level)
        made.lost[to] = added(otherLoss, loss)
      }
    }
    return made
  }

  /** Fills the steps between the newest one and `step` with its utilization. */
  #carry(slab: Slab, track: number, newest: number, step: number): void {
    const held = slab.utilization[this.#index(track, newest)] ?? NO_UTILIZATION
    for (let between = Math.max(newest + 1, step - this.length + 1); between < step; between++) {
      this.#write(slab, track, between, held, 0)
    }
  }

  #write(slab: Slab, track: number, step: number, utilization: number, lost: number): void {
    const index = this.#index(track, step)
    slab.utilization[index] = utilization
    slab.lost[index] = lost
  }

  #index(track: number, step: number): number {
    return (step % this.length) * TRACKS_PER_SLAB + (track & SLAB_MASK)
  }

  #slab(track: number): Slab {
    const slab = this.#slabs[Math.floor(track / TRACKS_PER_SLAB)]
    if (slab === undefined) throw new RangeError(`track ${track} was not begun`)
    return slab
  }

  #stepAt(at: number): number {
    return Math.floor(at / this.stepMs)
  }
}

function levelOf(utilization: number): number {
  if (utilization < 0) return NO_UTILIZATION
  return Math.min(utilization, MAX_UTILIZATION)
}

function higher(level: number, other: number): number {
  return level === NO_UTILIZATION || (other !== NO_UTILIZATION && other > level) ? other : level
}

/** What is unknown is part of a later loss, once it is known to be one. */
function added(lost: number, more: number): number {
  if (lost === NO_LOSS) return more === 0 ? NO_LOSS : more
  return more === NO_LOSS ? lost || NO_LOSS : Math.min(lost + more, MAX_LOSS)
}

function slabOf(length: number): Slab {
  return {
    utilization: new Uint16Array(TRACKS_PER_SLAB * length).fill(NO_UTILIZATION),
    lost: new Uint32Array(TRACKS_PER_SLAB * length),
    first: new Float64Array(TRACKS_PER_SLAB),
    newest: new Float64Array(TRACKS_PER_SLAB),
  }
}
