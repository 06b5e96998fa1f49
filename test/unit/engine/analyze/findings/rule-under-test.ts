/** A rule, and what it says of a group. */
import type { FindingCode } from '../../../../../electron/contract/model.ts'
import type { RuleSources } from '../../../../../electron/engine/analyze/findings/finding-type.ts'
import { NO_FACTS } from '../../../../../electron/engine/analyze/findings/namespace-facts.ts'
import type { ListedRule, Rule, Verdict } from '../../../../../electron/engine/analyze/findings/rule.ts'
import { allRules } from '../../../../../electron/engine/analyze/findings/rules.ts'
import { type Texts, toSentences } from '../../../../../electron/engine/common/prose.ts'
import { aGroupView, aMoment } from './view.ts'

/** A new rule, which has seen no group. */
export function ruleOf(code: FindingCode, sources: Partial<RuleSources> = {}): ListedRule {
  const rule = allRules(sources).find((one) => one.code === code)
  if (rule === undefined) throw new Error(`no rule for ${code}`)
  return rule
}

export type Said = Omit<Verdict, keyof Texts> & ReturnType<typeof toSentences>

/** null where it raises nothing. */
export function said(rule: Rule, group = aGroupView(), moment = aMoment()): Said | null {
  const verdict = rule.examine(group, moment)
  return verdict === 'watch' || verdict === null ? null : { ...verdict, ...toSentences(verdict) }
}

/** `grown`: by how much each counter of the namespace grew. */
export function factsWith(grown: Record<string, number>, change = {}) {
  return { ...NO_FACTS, grown: (counter: string) => grown[counter] ?? null, ...change }
}
