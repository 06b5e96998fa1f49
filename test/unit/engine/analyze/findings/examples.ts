/** Groups that raise every finding, in all its variants: for the reference page, and for what redaction must remove. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Finding, FindingCode } from '../../../../../electron/contract/model.ts'
import type { BalanceSample } from '../../../../../electron/engine/analyze/findings/finding-type.ts'
import type { GroupView, ListedRule, Verdict } from '../../../../../electron/engine/analyze/findings/rule.ts'
import { allRules } from '../../../../../electron/engine/analyze/findings/rules.ts'
import { flowSpreadOf } from '../../../../../electron/engine/analyze/statistics.ts'
import { toSentences } from '../../../../../electron/engine/common/prose.ts'
import { type Example, type Examples, exampleMachine, type Names } from './example-machine.ts'
import { aMoment } from './view.ts'

/** What a file in types/ has: examples of the finding, and tests of what nearly raises it, and what clears it. */
type FindingTests = { readonly examples: Examples; readonly tests: () => void }

const FOLDER = join(import.meta.dirname, 'types')

/** The files in types/, by the code that names them. */
export const findingTests = new Map(
  await Promise.all(
    readdirSync(FOLDER).map(async (file): Promise<[FindingCode, FindingTests]> => {
      return [FindingCode.parse(file.replace('.ts', '')), await import(join(FOLDER, file))]
    }),
  ),
)

/** Examinations after which every rule has raised its finding. */
const SLOTS = 12

/** Samples of a group's balance, by the group's id. */
const BALANCE: Readonly<Record<string, { connections: number[]; flows: number[] | null; counted?: boolean }>> = {
  '00000000000000b1': { connections: [400, 100, 100, 100], flows: [400, 100, 100, 100] },
  '00000000000000b2': { connections: [400, 100, 100, 100], flows: [1000, 1010, 990, 1000] },
  '00000000000000b3': { connections: [400, 100, 100, 100], flows: null },
  '00000000000000b4': { connections: [400, 100, 100, 100], flows: [400, 100, 100, 100], counted: true },
  '00000000000000b5': { connections: [400, 100, 100, 100], flows: [1000, 1010, 990, 1000], counted: true },
}

function balanceOf(id: string): BalanceSample | null {
  const sample = BALANCE[id]
  const connections = flowSpreadOf(sample?.connections ?? [])
  if (connections === null) return null
  return { connections, flows: flowSpreadOf(sample?.flows ?? []), counted: sample?.counted ?? false }
}

/** Raises each finding in each of its variants, on a machine with four CPUs. */
export function raiseExamples(names: Names): { view: GroupView; finding: Finding }[] {
  const machine = exampleMachine(names)
  const rules = allRules({ weighed: balanceOf, receiver: () => 1n, online: () => 4 })
  return rules.flatMap(
    (rule) =>
      findingTests
        .get(rule.code)
        ?.examples(machine)
        .map((one) => raise(rule, one)) ?? [],
  )
}

function raise(rule: ListedRule, [view, moment]: Example): { view: GroupView; finding: Finding } {
  let verdict: Verdict | 'watch' | null = null
  for (let slot = 1; slot <= SLOTS; slot++) verdict = rule.examine(view, aMoment({ slot }))
  if (moment !== undefined) verdict = rule.examine(view, aMoment({ slot: SLOTS, ...moment }))
  if (verdict === 'watch' || verdict === null) throw new Error(`an example of ${rule.code} raises nothing`)
  const { severity, members, evidence } = verdict
  const finding = { code: rule.code, severity, group: view.id, members: members.map(String), evidence }
  return { view, finding: { ...finding, ...toSentences(verdict) } }
}
