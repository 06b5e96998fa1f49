/** The rules of all types of findings. */
import { availableParallelism } from 'node:os'
import type { FindingCode } from '../../../contract/model.ts'
import type { FindingType, RuleSources } from './finding-type.ts'
import type { Debounce, ListedRule } from './rule.ts'
import { FINDING_TYPES } from './types.generated.ts'

const AT_ONCE: Debounce = { hits: 1, of: 1, clearAfter: 2 }

/** Where there is no source, what a rule needs of it is unknown. */
export function allRules({
  weighed = () => null,
  receiver = () => null,
  online = availableParallelism,
}: Partial<RuleSources> = {}): readonly ListedRule[] {
  const types = Object.entries(FINDING_TYPES) as [FindingCode, FindingType][]
  return types.map(([code, { rule }]) => ({ debounce: AT_ONCE, ...rule({ weighed, receiver, online }), code }))
}
