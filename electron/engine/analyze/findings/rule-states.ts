/** What is remembered per group and rule: whether its finding is raised (hysteresis), and the severity that stands. */
import type { FindingCode } from '../../../contract/model.ts'
import { Hysteresis } from './hysteresis.ts'
import type { ListedRule, Verdict } from './rule.ts'
import { SeverityDebounce } from './severity-debounce.ts'
import { FIRST_SLOT } from './slot-clock.ts'

type State = {
  readonly hysteresis: Hysteresis
  readonly severity: SeverityDebounce
  unsettled: boolean
}

export type Outcome = {
  /** `raise`: it is raised, now or again, with `standing`. `clear`: it has just been cleared. */
  readonly action: 'raise' | 'clear' | 'none'
  /** The verdict that stands. */
  readonly standing: Verdict | null
  /** About to be raised, cleared or changed: examine it in the next slot even without a change. */
  readonly unsettled: boolean
}

export class RuleStates {
  /** By group, then by code: only where a rule has, or recently had, a verdict. */
  readonly #states = new Map<string, Map<FindingCode, State>>()

  /** The states of a group's rules; undefined where no rule has one. */
  of(id: string): ReadonlyMap<FindingCode, { readonly unsettled: boolean }> | undefined {
    return this.#states.get(id)
  }

  /** Adds the verdict of one examination. */
  update(rule: ListedRule, id: string, verdict: Verdict | null, slot: number): Outcome {
    const state = this.#state(rule, id, slot)
    const { hysteresis, severity } = state
    const turned = hysteresis.update(verdict !== null, slot)
    const standing = severity.update(verdict, slot)
    const settled = hysteresis.raised === (verdict !== null) && !severity.pending
    state.unsettled = rule.trigger === 'values' || !settled
    if (hysteresis.idle) this.#drop(id, rule.code)
    const unsettled = state.unsettled && !hysteresis.idle
    if (hysteresis.raised) return { action: verdict === null ? 'none' : 'raise', standing, unsettled }
    return { action: turned ? 'clear' : 'none', standing, unsettled }
  }

  /** Forgets a removed group; returns the codes that may be raised for it. */
  forget(id: string): FindingCode[] {
    const codes = [...(this.#states.get(id)?.keys() ?? [])]
    this.#states.delete(id)
    return codes
  }

  #state({ code, debounce }: ListedRule, id: string, slot: number): State {
    const states = this.#states.get(id)
    const known = states?.get(code)
    if (known !== undefined) return known
    const state = {
      hysteresis: new Hysteresis(slot === FIRST_SLOT && debounce.firstLook ? { ...debounce, hits: 1 } : debounce),
      severity: new SeverityDebounce(debounce.clearAfter),
      unsettled: true,
    }
    if (states === undefined) this.#states.set(id, new Map([[code, state]]))
    else states.set(code, state)
    return state
  }

  #drop(id: string, code: FindingCode): void {
    const states = this.#states.get(id)
    states?.delete(code)
    if (states?.size === 0) this.#states.delete(id)
  }
}
