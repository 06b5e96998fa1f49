/** Runs the rules on every frame and keeps the raised findings. Only groups that changed are examined again. */
import type { FindingRow } from '../../../contract/analysis.ts'
import type { Finding } from '../../../contract/model.ts'
import type { Inspection } from '../../inspection.ts'
import type { Picture } from '../../picture.ts'
import { groupIdText } from '../../picture-fields.ts'
import { written } from '../../prose.ts'
import { Slice } from '../../slice.ts'
import { Hysteresis } from './hysteresis.ts'
import { NamespaceFactsReader } from './namespace-facts.ts'
import { PictureView, PortIndex } from './picture-view.ts'
import { type Place, Reach } from './reach.ts'
import type { Receivers } from './receivers.ts'
import type { Departed, Moment, Rule, Verdict } from './rule.ts'
import { SteadyVerdict } from './steady-verdict.ts'
import type { Weighing } from './weighing.ts'

/** Length of a hysteresis slot: slightly less than the shortest interval, so that each periodic refresh is one slot. */
const SLOT_MS = 90
/** Each slot re-examines 1/TURN of all groups in turn: settings, owners and options change without a notification. */
const TURN = 16
/** Maximum members of the groups in turn: with a hundred thousand, a sixteenth would block the thread for too long. */
const MEMBERS_IN_TURN = 500
/** Up to this many groups are looked up by id; for more, one walk over all rows is cheaper. */
const FEW = 32
/** Maximum members that a finding lists. */
const NAMED = 100
/** Maximum namespaces whose counters are read per slot. */
const NAMESPACES = 32
/** Maximum cleared findings to remember, for readers that are behind. */
const REMEMBERED = 20_000

type State = {
  rule: Rule
  group: string
  hysteresis: Hysteresis
  says: SteadyVerdict
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
  readonly #inspection: Inspection
  readonly #rules: readonly Rule[]
  readonly #valueRules: readonly Rule[]
  readonly #weighing: Weighing
  readonly #receivers: Receivers
  readonly #facts: NamespaceFactsReader
  readonly #ports = new PortIndex()
  readonly #reach: Reach
  /** Ids by row, valid until rows move: making an id costs more than an examination. */
  readonly #ids: string[] = []
  /** By group, then by code: only where a rule has, or recently had, a verdict. */
  readonly #states = new Map<string, Map<string, State>>()
  /** Groups to examine in the next slot whether they change or not. */
  #watched = new Set<string>()
  /** Groups for which background work has new results since the last frame. */
  #learnedIds: string[] = []
  #previous: Picture | null = null
  #slot = 0
  #slotBegan = Number.NEGATIVE_INFINITY
  /** The rows whose turn it is. */
  #turn = { from: 0, to: 0 }
  #muted: ReadonlySet<string> = new Set()

  constructor(parts: { inspection: Inspection; rules: readonly Rule[]; weighing: Weighing; receivers: Receivers }) {
    this.#inspection = parts.inspection
    this.#rules = parts.rules
    this.#valueRules = parts.rules.filter(({ looksAt }) => looksAt === 'values')
    this.#weighing = parts.weighing
    this.#receivers = parts.receivers
    this.#facts = new NamespaceFactsReader(parts.inspection.reader)
    this.#reach = new Reach(parts.inspection.reader)
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
  async observe(picture: Picture): Promise<void> {
    const slice = new Slice()
    await slice.next()
    const now = picture.takenAt.getTime()
    if (now - this.#slotBegan >= SLOT_MS || now < this.#slotBegan) {
      this.#slot++
      this.#slotBegan = now
      this.#turn = nextTurn(picture, this.#turn.to)
      this.#readFacts(picture)
    }
    const departed = this.#departed(picture)
    // The effect of a close on the counters is visible only now.
    for (const id of departed.keys()) {
      const row = picture.rowOf(id)
      if (row >= 0) this.#facts.look(picture.netns(row), this.#slot, true)
    }
    this.#forgetGone(picture)
    if (this.#rowsMoved(picture)) {
      this.#ports.reset()
      this.#ids.length = 0
    }
    const view = new PictureView({
      picture,
      inspection: this.#inspection,
      facts: this.#facts,
      ports: this.#ports,
      reach: this.#reach,
    })
    const due = this.#dueRows(picture, departed, view)
    await this.#reach.learn(besideOthers(view, due))
    this.#watched = new Set()
    const quiet: Moment = { slot: this.#slot, now, departed: [] }
    for (const [row, structure] of due) {
      if (slice.over) await slice.next()
      const id = this.#idOf(picture, row)
      const left = departed.size === 0 ? undefined : departed.get(id)
      const moment = left === undefined ? quiet : { ...quiet, departed: left }
      const group = view.group(row)
      const states = this.#states.get(id)
      const large = picture.socketCount(row) > MEMBERS_IN_TURN
      // Most groups have no state, and only their numbers changed.
      for (const rule of structure || states !== undefined ? this.#rules : this.#valueRules) {
        if (large && slice.over) await slice.next()
        const state = states?.get(rule.code)
        if (!structure && rule.looksAt === 'structure' && state?.unsettled !== true) continue
        const said = rule.examine(group, moment)
        if (said === 'watch') this.#watched.add(id)
        const verdict = said === 'watch' ? null : said
        if (verdict !== null || state !== undefined) this.#take(rule, id, group, verdict, picture)
      }
    }
    this.#previous = picture
    await slice.next()
    this.#weighing.tick(1000, (ids) => this.#learnedIds.push(...ids))
    this.#receivers.tick((ids) => this.#learnedIds.push(...ids))
  }

  /** The findings of these groups, in the form of a snapshot. */
  of(groups: ReadonlySet<string>): Finding[] {
    const found: Finding[] = []
    for (const { row } of this.raised.values()) {
      if (!groups.has(row.group)) continue
      const { code, severity, group, members, summary, numbers, explanation, advice, mentions } = row
      found.push({ code, severity, group, members, summary, numbers, explanation, advice, mentions })
    }
    return found
  }

  /** Rows to examine, and whether structure rules are due: changed, watched or raised rows, and those in turn. */
  #dueRows(picture: Picture, departed: ReadonlyMap<string, unknown>, view: PictureView): Map<number, boolean> {
    const due = new Map<number, boolean>()
    const structural = new Set([...departed.keys(), ...this.#learnedIds])
    this.#learnedIds = []
    for (let row = 0; row < picture.groups.count; row++) {
      const moved = picture.membersChanged(row) === picture.refresh
      const inTurn = row >= this.#turn.from && row < this.#turn.to
      if (moved || inTurn || picture.changed(row) === picture.refresh) due.set(row, moved || inTurn)
      if (moved) for (const other of view.neighbours(row)) due.set(other, true)
    }
    for (const id of structural) {
      const row = picture.rowOf(id)
      if (row >= 0) due.set(row, true)
    }
    const few = this.#watched.size <= FEW
    if (few) for (const id of this.#watched) this.#addDue(due, picture.rowOf(id))
    for (let row = 0; !few && row < picture.groups.count; row++) {
      if (!due.has(row) && this.#watched.has(this.#idOf(picture, row))) due.set(row, false)
    }
    return due
  }

  #idOf(picture: Picture, row: number): string {
    const known = this.#ids[row]
    if (known !== undefined) return known
    const id = picture.id(row)
    this.#ids[row] = id
    return id
  }

  #addDue(due: Map<number, boolean>, row: number): void {
    if (row >= 0 && !due.has(row)) due.set(row, false)
  }

  /** Whether groups are in other rows than in the previous frame. */
  #rowsMoved(picture: Picture): boolean {
    const before = this.#previous
    if (before?.refresh !== picture.refresh - 1 || before.groups.count !== picture.groups.count) return true
    if (picture.frame.removedGroups.length > 0) return true
    for (let row = 0; row < picture.groups.count; row++) if (picture.since(row) === picture.refresh) return true
    return false
  }

  #take(
    rule: Rule,
    id: string,
    group: ReturnType<PictureView['group']>,
    verdict: Verdict | null,
    picture: Picture,
  ): void {
    const states = this.#states.get(id)
    let state = states?.get(rule.code)
    if (state === undefined) {
      const says = new SteadyVerdict(rule.calm)
      state = { rule, group: id, hysteresis: new Hysteresis(rule), says, raisedAt: '', unsettled: true }
      if (states === undefined) this.#states.set(id, new Map([[rule.code, state]]))
      else states.set(rule.code, state)
    }
    const turned = state.hysteresis.look(verdict !== null, this.#slot)
    const standing = state.says.look(verdict, this.#slot)
    const finding = `${rule.code}:${id}`
    if (state.hysteresis.raised) {
      if (turned) state.raisedAt = picture.takenAt.toISOString()
      if (standing !== null && (verdict !== null || turned)) {
        const row = this.#row(finding, state, standing, group)
        if (turned || JSON.stringify(this.raised.get(finding)?.row) !== JSON.stringify(row)) this.#put(finding, row)
      }
    } else if (turned) this.#clear(finding)
    const settles = state.hysteresis.raised === (verdict !== null) && !state.says.unsettled
    state.unsettled = rule.looksAt === 'values' || !settles
    if (state.hysteresis.idle) this.#dropState(id, rule.code)
    else if (state.unsettled) this.#watched.add(id)
  }

  #row(id: string, state: State, verdict: Verdict, group: ReturnType<PictureView['group']>): FindingRow {
    const row = {
      id,
      code: state.rule.code,
      severity: verdict.severity,
      group: state.group,
      members: verdict.members.slice(0, NAMED).map(String),
      numbers: verdict.numbers,
      ...written(verdict),
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
    if (this.cleared.length > REMEMBERED) {
      this.cleared.splice(0, REMEMBERED / 2)
      this.clearedFrom = this.cleared[0]?.revision ?? this.revision
    }
  }

  #dropState(id: string, code: string): void {
    const states = this.#states.get(id)
    states?.delete(code)
    if (states?.size === 0) this.#states.delete(id)
  }

  #forgetGone(picture: Picture): void {
    for (const gone of picture.frame.removedGroups) {
      const id = groupIdText(gone)
      for (const rule of this.#rules) rule.forget?.(id)
      this.#receivers.forget(id)
      for (const code of [...(this.#states.get(id)?.keys() ?? [])]) this.#clear(`${code}:${id}`)
      this.#states.delete(id)
    }
  }

  /** Removed members by group, with their queue in the previous frame, whose memory is still valid. */
  #departed(picture: Picture): Map<string, Departed[]> {
    const departed = new Map<string, Departed[]>()
    const { removedSockets, removedSocketGroups } = picture.frame
    const before = this.#previous
    if (picture.refresh === this.#inspection.sourcesChangedAt) return departed
    if (removedSockets.length === 0 || before === null || before.refresh !== picture.refresh - 1) return departed
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

  #readFacts(picture: Picture): void {
    const shared = new Set<number>()
    const plain = new Set<number>()
    for (let row = 0; row < picture.groups.count && shared.size < NAMESPACES; row++) {
      if (picture.receiving(row) > 0) (picture.isPlain(row) ? plain : shared).add(picture.netns(row))
    }
    for (const netns of [...new Set([...shared, ...plain])].slice(0, NAMESPACES)) this.#facts.look(netns, this.#slot)
  }
}

/** The addresses of the neighbors of rows whose structure rules are due. */
function* besideOthers(view: PictureView, due: ReadonlyMap<number, boolean>): Generator<Place> {
  for (const [row, structure] of due) {
    if (!structure) continue
    for (const other of view.neighbours(row)) {
      const place = view.placeOf(other)
      if (place !== null) yield place
    }
  }
}

/** The next rows in turn. */
function nextTurn(picture: Picture, after: number): { from: number; to: number } {
  const { count } = picture.groups
  const from = after < count ? after : 0
  const end = Math.min(count, from + Math.ceil(count / TURN))
  let to = from
  for (let members = 0; to < end && members < MEMBERS_IN_TURN; to++) members += picture.socketCount(to)
  return { from, to }
}
