/** Runs the rules on every frame and keeps the raised findings. Only groups that changed are examined again. */
import type { FindingRow } from '../../../contract/analysis.ts'
import type { Finding } from '../../../contract/model.ts'
import type { Collector } from '../../collect/collector.ts'
import { groupIdText } from '../../collect/frame-fields.ts'
import type { FrameView } from '../../collect/frame-view.ts'
import { toSentences } from '../../prose.ts'
import { TimeSlice } from '../../time-slice.ts'
import type { BalanceSampler } from './balance-sampler.ts'
import { FrameContext, PortIndex } from './frame-context.ts'
import { Hysteresis } from './hysteresis.ts'
import { NamespaceFactsReader } from './namespace-facts.ts'
import { type Place, Reachability } from './reachability.ts'
import type { ReceiverLookup } from './receiver-lookup.ts'
import type { RemovedMember, Rule, RuleContext, Verdict } from './rule.ts'
import { SeverityDebounce } from './severity-debounce.ts'

/** Length of a hysteresis slot: slightly less than the shortest interval, so that each periodic refresh is one slot. */
const SLOT_MS = 90
/** Each slot re-examines 1/TURN of all groups in turn: settings, owners and options change without a notification. */
const TURNS = 16
/** Maximum members of the groups in turn: with a hundred thousand, a sixteenth would block the thread for too long. */
const MAX_MEMBERS_PER_TURN = 500
/** Up to this many groups are looked up by id; for more, one walk over all rows is cheaper. */
const MAX_ID_LOOKUPS = 32
/** Maximum members that a finding lists. */
const MAX_LISTED_MEMBERS = 100
/** Maximum namespaces whose counters are read per slot. */
const MAX_NAMESPACES = 32
/** Maximum cleared findings to remember, for readers that are behind. */
const MAX_CLEARED = 20_000

type State = {
  rule: Rule
  group: string
  hysteresis: Hysteresis
  severity: SeverityDebounce
  raisedAt: string
  /** About to be raised, cleared or changed: examine it in the next slot even without a change. */
  unsettled: boolean
}

export type Raised = { revision: number; row: FindingRow }

export class FindingsWatch {
  /** Raised findings by id, the latest change last. */
  readonly raised = new Map<string, Raised>()
  /** Cleared findings, the latest last. */
  readonly cleared: { revision: number; id: string }[] = []
  revision = 0
  /** Findings cleared before this revision are forgotten. */
  clearedFrom = 0
  readonly #collector: Collector
  readonly #rules: readonly Rule[]
  readonly #valueRules: readonly Rule[]
  readonly #balanceSampler: BalanceSampler
  readonly #receivers: ReceiverLookup
  readonly #facts: NamespaceFactsReader
  readonly #ports = new PortIndex()
  readonly #reach: Reachability
  /** Ids by row, valid until rows move: making an id costs more than an examination. */
  readonly #ids: string[] = []
  /** By group, then by code: only where a rule has, or recently had, a verdict. */
  readonly #states = new Map<string, Map<string, State>>()
  /** Groups to examine in the next slot whether they change or not. */
  #watched = new Set<string>()
  /** Groups for which background work has new results since the last frame. */
  #updatedIds: string[] = []
  #previous: FrameView | null = null
  #slot = 0
  #slotBegan = Number.NEGATIVE_INFINITY
  /** The rows whose turn it is. */
  #turn = { from: 0, to: 0 }
  #muted: ReadonlySet<string> = new Set()

  constructor(parts: {
    collector: Collector
    rules: readonly Rule[]
    weighing: BalanceSampler
    receivers: ReceiverLookup
  }) {
    this.#collector = parts.collector
    this.#rules = parts.rules
    this.#valueRules = parts.rules.filter(({ trigger }) => trigger === 'values')
    this.#balanceSampler = parts.weighing
    this.#receivers = parts.receivers
    this.#facts = new NamespaceFactsReader(parts.collector.reader)
    this.#reach = new Reachability(parts.collector.reader)
  }

  /** Sets the muted findings, by code or by id. They are marked, not dropped. */
  mute(muted: readonly string[]): void {
    this.#muted = new Set(muted)
    for (const [id, { row }] of [...this.raised]) {
      if (row.muted !== this.#isMuted(row)) this.#put(id, { ...row, muted: this.#isMuted(row) })
    }
  }

  /**
   * Call with every frame, in order, as soon as it is made. The frame's memory must stay valid until this resolves,
   * which takes several turns of the event loop: at least one before and one after the work.
   */
  async observe(frame: FrameView): Promise<void> {
    const slice = new TimeSlice()
    await slice.next()
    const now = frame.takenAt.getTime()
    if (now - this.#slotBegan >= SLOT_MS || now < this.#slotBegan) {
      this.#slot++
      this.#slotBegan = now
      this.#turn = nextTurn(frame, this.#turn.to)
      this.#readFacts(frame)
    }
    const departed = this.#removedMembers(frame)
    // The effect of a close on the counters is visible only now.
    for (const id of departed.keys()) {
      const row = frame.rowOf(id)
      if (row >= 0) this.#facts.read(frame.netns(row), this.#slot, true)
    }
    this.#forgetRemoved(frame)
    if (this.#rowsMoved(frame)) {
      this.#ports.reset()
      this.#ids.length = 0
    }
    const view = new FrameContext({
      frame,
      collector: this.#collector,
      facts: this.#facts,
      ports: this.#ports,
      reach: this.#reach,
    })
    const due = this.#dueRows(frame, departed, view)
    await this.#reach.update(neighborPlaces(view, due))
    this.#watched = new Set()
    const quiet: RuleContext = { slot: this.#slot, now, removed: [] }
    for (const [row, structure] of due) {
      if (slice.expired) await slice.next()
      const id = this.#idOf(frame, row)
      const left = departed.size === 0 ? undefined : departed.get(id)
      const moment: RuleContext = left === undefined ? quiet : { ...quiet, removed: left }
      const group = view.group(row)
      const states = this.#states.get(id)
      const large = frame.socketCount(row) > MAX_MEMBERS_PER_TURN
      // Most groups have no state, and only their numbers changed.
      for (const rule of structure || states !== undefined ? this.#rules : this.#valueRules) {
        if (large && slice.expired) await slice.next()
        const state = states?.get(rule.code)
        if (!structure && rule.trigger === 'structure' && state?.unsettled !== true) continue
        const said = rule.examine(group, moment)
        if (said === 'watch') this.#watched.add(id)
        const verdict = said === 'watch' ? null : said
        if (verdict !== null || state !== undefined) this.#apply(rule, id, group, verdict, frame)
      }
    }
    this.#previous = frame
    await slice.next()
    this.#balanceSampler.tick(1000, (ids) => this.#updatedIds.push(...ids))
    this.#receivers.tick((ids) => this.#updatedIds.push(...ids))
  }

  /** The findings of these groups, in the form of a snapshot. */
  of(groups: ReadonlySet<string>): Finding[] {
    const found: Finding[] = []
    for (const { row } of this.raised.values()) {
      if (!groups.has(row.group)) continue
      const { code, severity, group, members, summary, evidence: numbers, explanation, advice, mentions } = row
      found.push({ code, severity, group, members, summary, evidence: numbers, explanation, advice, mentions })
    }
    return found
  }

  /** Rows to examine, and whether structure rules are due: changed, watched or raised rows, and those in turn. */
  #dueRows(frame: FrameView, departed: ReadonlyMap<string, unknown>, view: FrameContext): Map<number, boolean> {
    const due = new Map<number, boolean>()
    const structural = new Set([...departed.keys(), ...this.#updatedIds])
    this.#updatedIds = []
    for (let row = 0; row < frame.groups.count; row++) {
      const moved = frame.membersChanged(row) === frame.refresh
      const inTurn = row >= this.#turn.from && row < this.#turn.to
      if (moved || inTurn || frame.changed(row) === frame.refresh) due.set(row, moved || inTurn)
      if (moved) for (const other of view.neighbors(row)) due.set(other, true)
    }
    for (const id of structural) {
      const row = frame.rowOf(id)
      if (row >= 0) due.set(row, true)
    }
    const few = this.#watched.size <= MAX_ID_LOOKUPS
    if (few) for (const id of this.#watched) this.#addDue(due, frame.rowOf(id))
    for (let row = 0; !few && row < frame.groups.count; row++) {
      if (!due.has(row) && this.#watched.has(this.#idOf(frame, row))) due.set(row, false)
    }
    return due
  }

  #idOf(frame: FrameView, row: number): string {
    const known = this.#ids[row]
    if (known !== undefined) return known
    const id = frame.id(row)
    this.#ids[row] = id
    return id
  }

  #addDue(due: Map<number, boolean>, row: number): void {
    if (row >= 0 && !due.has(row)) due.set(row, false)
  }

  /** Whether groups are in other rows than in the previous frame. */
  #rowsMoved(frame: FrameView): boolean {
    const before = this.#previous
    if (before?.refresh !== frame.refresh - 1 || before.groups.count !== frame.groups.count) return true
    if (frame.raw.removedGroups.length > 0) return true
    for (let row = 0; row < frame.groups.count; row++) if (frame.since(row) === frame.refresh) return true
    return false
  }

  #apply(
    rule: Rule,
    id: string,
    group: ReturnType<FrameContext['group']>,
    verdict: Verdict | null,
    frame: FrameView,
  ): void {
    const states = this.#states.get(id)
    let state = states?.get(rule.code)
    if (state === undefined) {
      const says = new SeverityDebounce(rule.clearAfter)
      state = { rule, group: id, hysteresis: new Hysteresis(rule), severity: says, raisedAt: '', unsettled: true }
      if (states === undefined) this.#states.set(id, new Map([[rule.code, state]]))
      else states.set(rule.code, state)
    }
    const turned = state.hysteresis.update(verdict !== null, this.#slot)
    const standing = state.severity.update(verdict, this.#slot)
    const finding = `${rule.code}:${id}`
    if (state.hysteresis.raised) {
      if (turned) state.raisedAt = frame.takenAt.toISOString()
      if (standing !== null && (verdict !== null || turned)) {
        const row = this.#row(finding, state, standing, group)
        if (turned || JSON.stringify(this.raised.get(finding)?.row) !== JSON.stringify(row)) this.#put(finding, row)
      }
    } else if (turned) this.#clear(finding)
    const settles = state.hysteresis.raised === (verdict !== null) && !state.severity.pending
    state.unsettled = rule.trigger === 'values' || !settles
    if (state.hysteresis.idle) this.#dropState(id, rule.code)
    else if (state.unsettled) this.#watched.add(id)
  }

  #row(id: string, state: State, verdict: Verdict, group: ReturnType<FrameContext['group']>): FindingRow {
    const row = {
      id,
      code: state.rule.code,
      severity: verdict.severity,
      group: state.group,
      members: verdict.members.slice(0, MAX_LISTED_MEMBERS).map(String),
      evidence: verdict.evidence,
      ...toSentences(verdict),
      key: group.key,
      raisedAt: state.raisedAt,
    }
    return { ...row, muted: this.#isMuted(row) }
  }

  #isMuted({ id, code }: { id: string; code: string }): boolean {
    return this.#muted.has(code) || this.#muted.has(id)
  }

  #put(id: string, row: FindingRow): void {
    this.raised.delete(id)
    this.raised.set(id, { revision: ++this.revision, row })
  }

  #clear(id: string): void {
    if (this.raised.delete(id)) this.cleared.push({ revision: ++this.revision, id })
    if (this.cleared.length > MAX_CLEARED) {
      this.cleared.splice(0, MAX_CLEARED / 2)
      this.clearedFrom = this.cleared[0]?.revision ?? this.revision
    }
  }

  #dropState(id: string, code: string): void {
    const states = this.#states.get(id)
    states?.delete(code)
    if (states?.size === 0) this.#states.delete(id)
  }

  #forgetRemoved(frame: FrameView): void {
    for (const gone of frame.raw.removedGroups) {
      const id = groupIdText(gone)
      for (const rule of this.#rules) rule.forget?.(id)
      this.#receivers.forget(id)
      for (const code of [...(this.#states.get(id)?.keys() ?? [])]) this.#clear(`${code}:${id}`)
      this.#states.delete(id)
    }
  }

  /** Removed members by group, with their queue in the previous frame, whose memory is still valid. */
  #removedMembers(frame: FrameView): Map<string, RemovedMember[]> {
    const departed = new Map<string, RemovedMember[]>()
    const { removedSockets, removedSocketGroups } = frame.raw
    const before = this.#previous
    if (frame.refresh === this.#collector.sourcesChangedAt) return departed
    if (removedSockets.length === 0 || before === null || before.refresh !== frame.refresh - 1) return departed
    const queued = new Map<bigint, number>()
    const gone = new Set(removedSockets)
    for (let socket = 0; socket < before.sockets.count; socket++) {
      if (before.queueLength(socket) === 0 || !before.socketReceives(socket)) continue
      const cookie = before.cookie(socket)
      if (gone.has(cookie)) queued.set(cookie, before.queueLength(socket))
    }
    for (const [index, cookie] of removedSockets.entries()) {
      const group = removedSocketGroups[index]
      if (group === undefined) continue
      const id = groupIdText(group)
      const list = departed.get(id)
      const one = { cookie, queued: queued.get(cookie) ?? 0 }
      if (list === undefined) departed.set(id, [one])
      else list.push(one)
    }
    return departed
  }

  #readFacts(frame: FrameView): void {
    const shared = new Set<number>()
    const plain = new Set<number>()
    for (let row = 0; row < frame.groups.count && shared.size < MAX_NAMESPACES; row++) {
      if (frame.receiving(row) > 0) (frame.isUnshared(row) ? plain : shared).add(frame.netns(row))
    }
    for (const netns of [...new Set([...shared, ...plain])].slice(0, MAX_NAMESPACES))
      this.#facts.read(netns, this.#slot)
  }
}

/** The addresses of the neighbors of rows whose structure rules are due. */
function* neighborPlaces(view: FrameContext, due: ReadonlyMap<number, boolean>): Generator<Place> {
  for (const [row, structure] of due) {
    if (!structure) continue
    for (const other of view.neighbors(row)) {
      const place = view.placeOf(other)
      if (place !== null) yield place
    }
  }
}

/** The next rows in turn. */
function nextTurn(frame: FrameView, after: number): { from: number; to: number } {
  const { count } = frame.groups
  const from = after < count ? after : 0
  const end = Math.min(count, from + Math.ceil(count / TURNS))
  let to = from
  for (let members = 0; to < end && members < MAX_MEMBERS_PER_TURN; to++) members += frame.socketCount(to)
  return { from, to }
}
