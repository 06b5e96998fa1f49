/** Runs the rules on every frame and logs the findings. Only groups that changed are examined again. */
import type { FindingCode } from '../../../contract/model.ts'
import type { Collector } from '../../collect/collector.ts'
import { groupIdText } from '../../collect/frame-fields.ts'
import type { FrameView } from '../../collect/frame-view.ts'
import { rowsMoved } from '../../collect/rows-moved.ts'
import { toSentences } from '../../common/prose.ts'
import { TimeSlice } from '../../common/time-slice.ts'
import type { BalanceSampler } from './balance-sampler.ts'
import { DUE_STRUCTURE, dueRows, MAX_MEMBERS_PER_TURN, nextTurn, type Turn } from './due-rows.ts'
import { namespacesToRead } from './facts-schedule.ts'
import { FindingsLog } from './findings-log.ts'
import { FrameContext, PortIndex } from './frame-context.ts'
import { GroupIds } from './group-ids.ts'
import { type NamespaceFacts, NamespaceFactsReader } from './namespace-facts.ts'
import { type Place, Reachability } from './reachability.ts'
import type { ReceiverLookup } from './receiver-lookup.ts'
import { removedMembers } from './removed-members.ts'
import type { GroupView, ListedRule, RuleContext, Verdict } from './rule.ts'
import { RuleStates } from './rule-states.ts'
import { SlotClock } from './slot-clock.ts'

/** Maximum members that a finding lists. */
const MAX_LISTED_MEMBERS = 100
/** Rounds of the balance sampler are at least two of these apart. */
const BALANCE_INTERVAL_MS = 1000

/** A group to examine: `structure` if more than its numbers may have changed. */
type Examined = {
  readonly group: GroupView
  readonly structure: boolean
  readonly states: ReturnType<RuleStates['of']>
  readonly moment: RuleContext
}

export class FindingsWatch {
  readonly log = new FindingsLog()
  readonly #collector: Collector
  readonly #rules: readonly ListedRule[]
  readonly #valueRules: readonly ListedRule[]
  readonly #balanceSampler: BalanceSampler
  readonly #receivers: ReceiverLookup
  readonly #facts: NamespaceFactsReader
  readonly #reach: Reachability
  readonly #ports = new PortIndex()
  readonly #ids = new GroupIds()
  readonly #states = new RuleStates()
  readonly #clock = new SlotClock()
  /** Groups to examine in the next slot whether they change or not. */
  #watched = new Set<string>()
  /** Groups for which background work has new results since the last frame. */
  #updatedIds: string[] = []
  #previous: FrameView | null = null
  #turn: Turn = { from: 0, to: 0 }

  constructor(parts: {
    collector: Collector
    rules: readonly ListedRule[]
    balanceSampler: BalanceSampler
    receivers: ReceiverLookup
  }) {
    this.#collector = parts.collector
    this.#rules = parts.rules
    this.#valueRules = parts.rules.filter(({ trigger }) => trigger === 'values')
    this.#balanceSampler = parts.balanceSampler
    this.#receivers = parts.receivers
    this.#facts = new NamespaceFactsReader(parts.collector.reader)
    this.#reach = new Reachability(parts.collector.reader)
  }

  /**
   * Call with every frame, in order, as soon as it is made. The frame's memory must stay valid until this resolves,
   * which takes several turns of the event loop: at least one before and one after the work.
   */
  async observe(frame: FrameView): Promise<void> {
    const slice = new TimeSlice()
    await slice.next()
    const now = frame.takenAt.getTime()
    this.log.expireMuting(frame.takenAt)
    if (this.#clock.begins(now)) {
      this.#turn = nextTurn(frame, this.#turn.to)
      for (const netns of namespacesToRead(frame)) this.#facts.read(netns, this.#clock.slot)
    }
    const sourcesChanged = frame.refresh === this.#collector.sourcesChangedAt
    const removed = removedMembers(frame, sourcesChanged ? null : this.#previous)
    // The effect of a close on the counters is visible only now.
    for (const id of removed.keys()) {
      const row = frame.rowOf(id)
      if (row >= 0) this.#facts.read(frame.netns(row), this.#clock.slot, true)
    }
    for (const group of frame.raw.removedGroups) this.#forget(groupIdText(group))
    if (rowsMoved(frame, this.#previous)) {
      this.#ports.reset()
      this.#ids.reset()
    }
    const view = new FrameContext({
      frame,
      collector: this.#collector,
      facts: this.#facts,
      ids: this.#ids,
      ports: this.#ports,
      reach: this.#reach,
    })
    const updated = [...removed.keys(), ...this.#updatedIds]
    this.#updatedIds = []
    const due = dueRows(frame, {
      turn: this.#turn,
      updated,
      watched: this.#watched,
      idOf: (row) => view.id(row),
      neighbors: (row) => view.neighbors(row),
    })
    await this.#reach.update(placesAround(view, due))
    this.#watched = new Set()
    const quiet: RuleContext = { slot: this.#clock.slot, now, removed: [] }
    for (let row = 0; row < due.length; row++) {
      if (due[row] === 0) continue
      if (slice.expired) await slice.next()
      const members = removed.size === 0 ? undefined : removed.get(view.id(row))
      const moment = members === undefined ? quiet : { ...quiet, removed: members }
      const group = view.group(row)
      const structure = due[row] === DUE_STRUCTURE
      const states = this.#states.of(group.id)
      // Most groups have no state, and only their numbers changed.
      const rules = structure || states !== undefined ? this.#rules : this.#valueRules
      const examined = { group, structure, states, moment }
      if (frame.socketCount(row) <= MAX_MEMBERS_PER_TURN) this.#examineAll(rules, examined)
      else {
        for (const rule of rules) {
          if (slice.expired) await slice.next()
          this.#examine(rule, examined)
        }
      }
    }
    this.#previous = frame
    await slice.next()
    this.#balanceSampler.tick(BALANCE_INTERVAL_MS, (ids) => this.#updatedIds.push(...ids))
    this.#receivers.tick((ids) => this.#updatedIds.push(...ids))
  }

  /** Counters and settings of a network namespace, as last read. */
  factsOf(netns: number): NamespaceFacts {
    return this.#facts.facts(netns)
  }

  /** Not a part of `observe`, because V8 runs loops in an async function more slowly. */
  #examineAll(rules: readonly ListedRule[], examined: Examined): void {
    for (const rule of rules) this.#examine(rule, examined)
  }

  #examine(rule: ListedRule, { group, structure, states, moment }: Examined): void {
    const state = states?.get(rule.code)
    if (!structure && rule.trigger === 'structure' && state?.unsettled !== true) return
    const said = rule.examine(group, moment)
    if (said === 'watch') this.#watched.add(group.id)
    const verdict = said === 'watch' ? null : said
    if (verdict !== null || state !== undefined) this.#conclude(rule, group, verdict, moment)
  }

  #conclude(rule: ListedRule, group: GroupView, verdict: Verdict | null, { slot, now }: RuleContext): void {
    const { action, standing, unsettled } = this.#states.update(rule, group.id, verdict, slot)
    if (action === 'raise' && standing !== null) this.log.raise(findingOf(rule, group, standing), new Date(now))
    else if (action === 'clear') this.log.clear(findingId(rule.code, group.id))
    if (unsettled) this.#watched.add(group.id)
  }

  #forget(id: string): void {
    for (const rule of this.#rules) rule.forget?.(id)
    this.#receivers.forget(id)
    for (const code of this.#states.forget(id)) this.log.clear(findingId(code, id))
  }
}

function findingId(code: FindingCode, group: string): string {
  return `${code}:${group}`
}

function findingOf(rule: ListedRule, group: GroupView, verdict: Verdict) {
  return {
    id: findingId(rule.code, group.id),
    code: rule.code,
    severity: verdict.severity,
    group: group.id,
    members: verdict.members.slice(0, MAX_LISTED_MEMBERS).map(String),
    evidence: verdict.evidence,
    ...toSentences(verdict),
    key: group.key,
  }
}

/** The addresses of the neighbors of rows whose structure rules are due. */
function* placesAround(view: FrameContext, due: Uint8Array): Generator<Place> {
  for (const [row, why] of due.entries()) {
    if (why !== DUE_STRUCTURE) continue
    for (const each of [row, ...view.neighbors(row)]) {
      const place = view.placeOf(each)
      if (place !== null) yield place
    }
  }
}
