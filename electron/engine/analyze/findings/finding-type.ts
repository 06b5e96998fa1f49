/** What a file in types/ says of a type of finding: all of it. `npm run generate` lists the files. */
import type { FlowSpread } from '../../../contract/analysis.ts'
import type { FindingTexts } from '../../../contract/finding-types.ts'
import type { Step } from '../../../contract/steps.ts'
import type { StepFacts } from '../steps/parts.ts'
import type { GroupView, Rule } from './rule.ts'

/** A group's connections by process, and by member what came (`counted`) or where sampled clients would go. */
export type BalanceSample = {
  connections: FlowSpread
  /** null: neither counted nor sampled. */
  flows: FlowSpread | null
  /** True: what members were really given. False: kernel lookups of sampled clients. */
  counted: boolean
}

/** What some rules need beside a group. */
export type RuleSources = {
  readonly weighed: (id: string) => BalanceSample | null
  /** The cookie of the socket that gets all datagrams for the group's endpoint; null if unknown, or not looked up yet. */
  readonly receiver: (group: GroupView) => bigint | null
  /** The number of CPUs online. */
  readonly online: () => number
}

export type FindingType = FindingTexts & {
  /** Of a group's findings of equal severity, the one with the highest number is shown. Each type has its own. */
  readonly importance: number
  /** In one group, findings with the same cause are one incident; without it, a type has a cause of its own. */
  readonly cause?: 'queue' | 'reload' | 'receivers'
  /** False for what is over when it is shown: nothing can prove its end. */
  readonly lasts?: false
  /** What to do, in order: looking first, what costs something late. */
  readonly steps: (facts: StepFacts) => Step[]
  /** A new rule: what it remembers of groups is its own. */
  readonly rule: (sources: RuleSources) => Rule
}
