/**
 * What every member of a group is given (contract/given.ts), counted by the BPF reader while somebody needs it: the
 * program in the kernel costs each datagram some 150 ns.
 */
import type { GroupGiven, MemberGiven } from '../../contract/given.ts'
import { TimeSlice } from '../common/time-slice.ts'
import type { Readings, StartBpfProgram } from './bpf-reader.ts'
import { DemandedReader } from './demanded-reader.ts'
import type { FrameFields } from './frame-fields.ts'
import { GivenRates } from './given-rates.ts'
import { rowsMoved } from './rows-moved.ts'

/** How long counting goes on after it was last needed, at least. */
const LEASE_MS = 10_000
/** And at most, for those who need it regularly, but seldom. */
const MAX_LEASE_MS = 600_000
/** Members between two looks at the clock. */
const MEMBERS_PER_LOOK = 256

type CountedMember = { readonly rates: GivenRates; group: CountedGroup; changed: number }
type CountedGroup = {
  readonly rates: GivenRates
  readonly sampleSince: Date
  /** Equal for the same set of members. */
  readonly members: number
  /** Sum of their cookies. */
  readonly signature: number
  changed: number
  /** Steady (GivenRates): it is left out until something changes. */
  resting: boolean
}

type RowsOfFrame = Pick<FrameFields, 'refresh' | 'firstReceiver'>

export class GivenCounts extends DemandedReader<'count'> {
  readonly #now: () => Date
  #neededAt = Number.NEGATIVE_INFINITY
  /** When counting began; null while nothing is counted. */
  since: Date | null = null
  /** By cookie. */
  readonly #counts = new Map<number, number>()
  /** There is an answer that `observe` has not taken. */
  #fresh = false
  #answeredAt = 0
  #answeredBefore = 0
  #members = new Map<number, CountedMember>()
  /** What the answers since the last frame are about: these groups, and perhaps some that have no counts. */
  readonly #moved = new Set<CountedGroup>()
  #newCounts = false
  /** The refresh of the last frame that was taken. */
  #taken = 0
  /** The group in each row of the last frame: a cookie is slower to look up than all else that most rows need. */
  #rows: (CountedGroup | undefined)[] = []
  #rowsOf: FrameFields | null = null

  /** `start`: the BPF reader; null: nothing is counted. */
  constructor(start: StartBpfProgram | null, now: () => Date = () => new Date()) {
    super(start, 'count', 'not counted by this engine')
    this.#now = now
  }

  /**
   * Somebody needs the counts now, and for `forMs`: counting goes on for that long, for at least ten seconds, and until
   * three times the time since they were last needed.
   */
  need(forMs = 0): void {
    const now = performance.now()
    const again = 3 * (now - this.#neededAt)
    this.#neededAt = now
    this.extend(Math.max(forMs, LEASE_MS, again <= MAX_LEASE_MS ? again : 0))
  }

  /**
   * Reads the counts while somebody needs them. `watching`: only where that keeps within the reader's share of time, and
   * without waiting for programs to be loaded. Never rejects: where it fails, `unavailable` says why, and nothing is
   * tried again.
   */
  async read(who: 'watching' | 'single'): Promise<void> {
    const loading = this.since === null
    const reading = this.takeReading(who === 'watching' ? 'due' : 'now')
    if (who === 'single' || !loading) await reading
  }

  /**
   * Takes the newest answer together with the queues of this frame, whose memory must stay valid meanwhile. Call it with
   * every frame.
   */
  async observe(frame: FrameFields): Promise<void> {
    if (this.since === null) return
    const moved = rowsMoved(frame, this.#rowsOf)
    const rows = moved ? [] : this.#rows
    const fresh = this.#fresh
    this.#fresh = false
    const slice = new TimeSlice()
    for (let row = 0; row < frame.groups.count && (fresh || moved); row++) {
      if (slice.expired) await slice.next()
      if (moved) rows.push(this.#members.get(frame.firstReceiver(row))?.group)
      if (!fresh || !this.#isDue(frame, row, rows[row])) continue
      const steps = this.#observeGroup(frame, row)
      let step = steps.next()
      while (!step.done) {
        if (slice.expired) await slice.next()
        step = steps.next()
      }
      rows[row] = step.value
    }
    // It was stopped meanwhile.
    if (this.since === null) return
    this.#rows = rows
    this.#rowsOf = frame
    if (!fresh) return
    this.#moved.clear()
    this.#newCounts = false
    this.#taken = frame.refresh
  }

  /** Of the member with this cookie; undefined where nothing is counted. */
  ofMember(cookie: number): MemberGiven | undefined {
    return this.#members.get(cookie)?.rates.given
  }

  /** `sample` of the member with this cookie; undefined where nothing is counted. */
  sampleOf(cookie: number): number | undefined {
    return this.#members.get(cookie)?.rates.sample
  }

  /** Of the group in this row. */
  ofGroup(frame: RowsOfFrame, row: number): GroupGiven | undefined {
    const group = this.#groupOf(frame, row)
    return group && { ...group.rates.given, sampleSince: group.sampleSince.toISOString() }
  }

  /** The refresh at which something that is shown of a member last changed; 0 where nothing is counted. */
  memberChanged(cookie: number): number {
    return this.#members.get(cookie)?.changed ?? 0
  }

  /** The same for the group in this row, or any of its members. */
  groupChanged(frame: RowsOfFrame, row: number): number {
    return this.#groupOf(frame, row)?.changed ?? 0
  }

  #groupOf(frame: RowsOfFrame, row: number): CountedGroup | undefined {
    if (this.since === null) return undefined
    if (frame.refresh === this.#rowsOf?.refresh) return this.#rows[row]
    return this.#members.get(frame.firstReceiver(row))?.group
  }

  #isDue(frame: FrameFields, row: number, group: CountedGroup | undefined): boolean {
    if (Math.max(frame.changed(row), frame.membersChanged(row)) > this.#taken) return true
    return group === undefined ? this.#newCounts : !group.resting || this.#moved.has(group)
  }

  /** Pauses within large groups. Returns the group; undefined where it is not counted. */
  *#observeGroup(frame: FrameFields, row: number): Generator<undefined, CountedGroup | undefined> {
    const receiving = frame.receiving(row)
    const tcp = frame.protocol(row) === 'tcp'
    const first = frame.firstSocket(row)
    const end = first + frame.socketCount(row)
    const at = this.#answeredAt
    let one: number | null = null
    let sum = 0
    let queuedSum = 0
    let signature = 0
    for (let socket = first; socket < end; socket++) {
      if (socket % MEMBERS_PER_LOOK === 0) yield
      const cookie = frame.cookieNumber(socket)
      if (!frame.socketReceives(socket)) {
        this.#members.delete(cookie)
        continue
      }
      const count = this.#counts.get(cookie)
      // With one member that is not counted the group is not.
      if (count === undefined) {
        this.#forgetGroup(frame, row)
        return undefined
      }
      one ??= cookie
      sum += count
      queuedSum += frame.queueLength(socket)
      signature += cookie
    }
    if (one === null) return undefined
    const queued = tcp ? queuedSum : null
    const before = this.#members.get(one)?.group
    const same = before !== undefined && before.members === receiving && before.signature === signature
    const group = same
      ? before
      : {
          rates: new GivenRates(sum, queued, at),
          sampleSince: this.#now(),
          members: receiving,
          signature,
          changed: frame.refresh,
          resting: false,
        }
    if (same) {
      if (group.resting) group.rates.rest(this.#answeredBefore)
      if (group.rates.take(sum, queued, at)) group.changed = frame.refresh
    }
    let steady = group.rates.steady
    for (let socket = first; socket < end; socket++) {
      if (socket % MEMBERS_PER_LOOK === 0) yield
      if (!frame.socketReceives(socket)) continue
      const cookie = frame.cookieNumber(socket)
      const count = this.#counts.get(cookie)
      // It was stopped meanwhile.
      if (count === undefined) return undefined
      const queued = tcp ? frame.queueLength(socket) : null
      const member = this.#members.get(cookie)
      if (member === undefined) {
        const rates = new GivenRates(count, queued, at)
        this.#members.set(cookie, { rates, group, changed: frame.refresh })
        steady = false
        continue
      }
      if (member.group.resting) member.rates.rest(this.#answeredBefore)
      if (member.rates.take(count, queued, at)) member.changed = group.changed = frame.refresh
      steady &&= member.rates.steady
      if (!same) {
        member.rates.restartSample()
        member.changed = frame.refresh
      }
      member.group = group
    }
    group.resting = steady
    return group
  }

  #forgetGroup(frame: FrameFields, row: number): void {
    const first = frame.firstSocket(row)
    for (let socket = first; socket < first + frame.socketCount(row); socket++) {
      this.#members.delete(frame.cookieNumber(socket))
    }
  }

  protected take({ since, given, removed, more = false }: Readings['count']): void {
    for (const cookie of removed) {
      this.#noteMoved(Number(cookie))
      // It may have been the first member, by which its group is found.
      this.#newCounts = true
      this.#counts.delete(Number(cookie))
      this.#members.delete(Number(cookie))
    }
    for (const [cookie, count] of given) {
      this.#noteMoved(Number(cookie))
      this.#counts.set(Number(cookie), count)
    }
    if (more) return
    this.since ??= new Date(since)
    this.#answeredBefore = this.#answeredAt
    this.#answeredAt = performance.now()
    this.#fresh = true
  }

  #noteMoved(cookie: number): void {
    const group = this.#members.get(cookie)?.group
    if (group === undefined) this.#newCounts = true
    else this.#moved.add(group)
  }

  protected forget(): void {
    this.since = null
    this.#fresh = false
    this.#counts.clear()
    this.#members = new Map()
    this.#moved.clear()
    this.#taken = 0
    this.#rows = []
    this.#rowsOf = null
  }
}
