/**
 * History of each group's fullest queue and losses over the last minutes, in one fixed block of memory that all groups
 * share. With few groups it holds one sample per second; with many, coarser steps.
 *
 * Only changes are recorded. A value holds until the next one, and every refresh is noted once for all groups, so that
 * times without any refresh (paused, disconnected) read as unknown and not as idle.
 */

/** Utilization in thousandths of the limit, -1 unknown; what was lost in this step, null unknown. */
export type Sample = { at: number; utilization: number; lost: number | null }

const SAMPLE_BYTES = Uint16Array.BYTES_PER_ELEMENT + Float32Array.BYTES_PER_ELEMENT
const FINEST_STEP_MS = 1000
const MIN_GROUPS = 64
const UNKNOWN_UTILIZATION = 0xffff
const MAX_UTILIZATION = 0xfffe

/** One group's slot in the block. `drops`: its counter as last recorded; null unknown. */
type Track = { place: number; first: number; newest: number; fill: number; drops: number | null }

export class History {
  readonly #budgetBytes: number
  readonly #windowMs: number
  #stepMs = FINEST_STEP_MS
  /** Samples per group. */
  #length = 0
  #places = 0
  #fills = new Uint16Array(0)
  #lost = new Float32Array(0)
  /** For each slot of the window, the number of the last step in which a refresh fell there. */
  #refreshed = new Float64Array(0)
  #lastTick = Number.NEGATIVE_INFINITY
  readonly #tracks = new Map<string, Track>()
  #free: number[] = []

  /** `budgetBytes` limits the block; `windowMs` is how far back it reaches. */
  constructor(budgetBytes: number, windowMs = 15 * 60_000) {
    this.#budgetBytes = budgetBytes
    this.#windowMs = windowMs
    this.#layOut(MIN_GROUPS)
  }

  /** Current milliseconds between two samples. */
  get stepMs(): number {
    return this.#stepMs
  }

  get windowMs(): number {
    return this.#windowMs
  }

  /** Bytes of the block, never more than the budget. */
  get bytes(): number {
    return this.#fills.byteLength + this.#lost.byteLength
  }

  get budgetBytes(): number {
    return this.#budgetBytes
  }

  get groups(): number {
    return this.#tracks.size
  }

  /**
   * Notes a refresh at `at`, in milliseconds since the epoch. The time since the previous refresh counts as known if it
   * is at most `patienceMs`, as values hold until the next refresh. A longer time stays a gap.
   */
  tick(at: number, patienceMs = 0): void {
    const step = Math.floor(at / this.#stepMs)
    const known = at - this.#lastTick <= patienceMs ? Math.floor(this.#lastTick / this.#stepMs) + 1 : step
    for (let held = Math.max(known, step - this.#length + 1); held <= step; held++) {
      this.#refreshed[held % this.#length] = held
    }
    this.#lastTick = Math.max(this.#lastTick, at)
  }

  /**
   * Records the utilization of a group, and its drop counter; null unknown. Within one step the highest utilization
   * counts, and losses add up. An `at` before the newest step is ignored.
   */
  record(id: string, at: number, fill: number, drops: number | null): void {
    const track = this.#tracks.get(id)
    const before = track?.drops ?? null
    // A sum over members falls when one leaves: that is no loss.
    const lost = drops === null || (track && before === null) ? null : Math.max(0, drops - (before ?? drops))
    this.#put(id, at, fill, lost)
    const recorded = this.#tracks.get(id)
    if (recorded) recorded.drops = drops ?? before
  }

  /** Adds what the engine remembers from before this page recorded the group, in order. */
  seed(id: string, samples: readonly Sample[]): void {
    const track = this.#tracks.get(id)
    for (const { at, utilization, lost } of samples) {
      const step = Math.floor(at / this.#stepMs)
      if (track && step >= track.first) break
      const slot = step % this.#length
      if ((this.#refreshed[slot] ?? 0) > step) continue
      this.#refreshed[slot] = step
      if (!track) this.#put(id, at, utilization, lost)
      else if (step > track.newest - this.#length) {
        this.#write(track, step, utilization < 0 ? UNKNOWN_UTILIZATION : Math.min(utilization, MAX_UTILIZATION), lost)
      }
    }
    const [first] = samples
    if (!track || first === undefined) return
    const from = Math.max(Math.floor(first.at / this.#stepMs), track.newest - this.#length + 1)
    track.first = Math.min(track.first, from)
  }

  #put(id: string, at: number, fill: number, lost: number | null): void {
    const step = Math.floor(at / this.#stepMs)
    const newFill = fill < 0 ? UNKNOWN_UTILIZATION : Math.min(fill, MAX_UTILIZATION)
    const track = this.#tracks.get(id)
    if (!track) {
      const begun = { place: this.#takePlace(), first: step, newest: step, fill: newFill, drops: null }
      this.#tracks.set(id, begun)
      this.#write(begun, step, newFill, lost)
      return
    }
    if (step < track.newest) return
    if (step === track.newest) {
      const i = track.place * this.#length + (step % this.#length)
      const before = this.#lost[i] ?? Number.NaN
      const sum = Number.isNaN(before) ? lost : before + (lost ?? 0)
      this.#write(track, step, highest(this.#fills[i], newFill), sum)
    } else {
      this.#carry(track, step)
      this.#write(track, step, newFill, lost)
    }
    track.newest = step
    track.fill = newFill
  }

  forget(id: string): void {
    const track = this.#tracks.get(id)
    if (!track) return
    this.#tracks.delete(id)
    this.#free.push(track.place)
  }

  /** Removes every group for which `wanted` is false. */
  retain(wanted: (id: string) => boolean): void {
    for (const id of [...this.#tracks.keys()]) if (!wanted(id)) this.forget(id)
  }

  /**
   * The samples of a group from `from` to `to`, oldest first, one per step (milliseconds since the epoch). Steps in which
   * nothing was refreshed are left out; an unknown group has none.
   */
  read(id: string, from: number, to: number): Sample[] {
    const track = this.#tracks.get(id)
    if (!track) return []
    const last = Math.floor(to / this.#stepMs)
    const first = Math.max(Math.floor(from / this.#stepMs), track.first, last - this.#length + 1)
    const samples: Sample[] = []
    for (let step = first; step <= last; step++) {
      const slot = step % this.#length
      if (this.#refreshed[slot] !== step) continue
      const i = track.place * this.#length + slot
      // A slot older than one window before the newest value holds data of an earlier lap.
      const stored = step <= track.newest && step > track.newest - this.#length
      const fill = stored ? (this.#fills[i] ?? UNKNOWN_UTILIZATION) : track.fill
      const lost = stored ? (this.#lost[i] ?? Number.NaN) : 0
      samples.push({
        at: step * this.#stepMs,
        utilization: fill === UNKNOWN_UTILIZATION ? -1 : fill,
        lost: Number.isNaN(lost) ? null : lost,
      })
    }
    return samples
  }

  #write(track: Track, step: number, fill: number, lost: number | null): void {
    const i = track.place * this.#length + (step % this.#length)
    this.#fills[i] = fill
    this.#lost[i] = lost ?? Number.NaN
  }

  /** Fills the steps between the newest value and `step` with that utilization. */
  #carry(track: Track, step: number): void {
    const from = Math.max(track.newest + 1, step - this.#length + 1)
    for (let between = from; between < step; between++) this.#write(track, between, track.fill, 0)
    track.first = Math.max(track.first, step - this.#length + 1)
  }

  #takePlace(): number {
    const free = this.#free.pop()
    if (free !== undefined) return free
    if (this.#tracks.size >= this.#places) this.#layOut(this.#places * 2)
    return this.#tracks.size
  }

  /**
   * Divides the block among `places` groups, with the finest step for which the window fits, and copies existing
   * samples.
   */
  #layOut(places: number): void {
    const affordable = Math.max(2, Math.floor(this.#budgetBytes / (places * SAMPLE_BYTES)))
    const wanted = Math.ceil(this.#windowMs / FINEST_STEP_MS)
    const stepMs = FINEST_STEP_MS * Math.ceil(wanted / Math.min(wanted, affordable))
    const length = Math.ceil(this.#windowMs / stepMs)
    const oldStepMs = this.#stepMs
    const ticks = [...this.#refreshed].filter((step) => step > 0).map((step) => step * oldStepMs)
    const newest = Math.max(0, ...ticks)
    const kept = [...this.#tracks].map(([id, track]) => ({
      id,
      track,
      samples: this.read(id, newest - this.#windowMs, newest),
    }))

    this.#stepMs = stepMs
    this.#length = length
    this.#places = places
    this.#fills = new Uint16Array(places * length)
    this.#lost = new Float32Array(places * length)
    this.#refreshed = new Float64Array(length)
    this.#free = []
    this.#tracks.clear()
    this.#lastTick = Number.NEGATIVE_INFINITY
    // An old step covers all of its time, even if the new steps are finer.
    for (const at of ticks.sort((a, b) => a - b)) this.tick(at, oldStepMs)
    for (const { id, track, samples } of kept) {
      for (const { at, utilization: fill, lost } of samples) this.#put(id, at, fill, lost)
      const { newest, fill, drops } = track
      this.#put(id, newest * oldStepMs, fill === UNKNOWN_UTILIZATION ? -1 : fill, 0)
      const moved = this.#tracks.get(id)
      if (moved) moved.drops = drops
    }
  }
}

function highest(a: number | undefined, b: number): number {
  if (a === undefined || a === UNKNOWN_UTILIZATION) return b
  return b === UNKNOWN_UTILIZATION ? a : Math.max(a, b)
}
