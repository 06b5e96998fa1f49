/** `diff A B`: compares two snapshots. */
import { compare } from '../../../engine/snapshots/index.ts'
import type { Context } from '../context.ts'
import { ExitStatus } from '../exit-status.ts'
import { usageError } from '../failure.ts'
import { hasNamespace, matches, noNamespace } from '../filter-snapshot.ts'
import { printJson } from '../json.ts'
import type { Filters } from '../option-values.ts'
import { openSnapshot } from '../snapshot-source.ts'
import { print } from '../terminal.ts'

export type DiffOptions = Filters & { readonly json?: boolean; readonly exitCode?: boolean }

/** Prints the comparison as text, or the Comparison as JSON. */
export async function diff(a: string, b: string, options: DiffOptions, context: Context): Promise<ExitStatus> {
  if (a === b && (a === '-' || a === 'now'))
    throw usageError(`'${a}' cannot be compared with itself. Name a snapshot file for one side.`)
  // Unshared sockets are compared only where the file has them; otherwise all of this machine's would count as new.
  const file = a === 'now' ? b : a
  const first = await openSnapshot(file, {}, context)
  const all = first.groups.some((group) => group.sharing === 'none')
  const second = await openSnapshot(file === a ? b : a, { all }, context)
  const [before, after] = file === a ? [first, second] : [second, first]
  // One of them is enough: a namespace that was removed is a difference too.
  if (!hasNamespace(before, options) && !hasNamespace(after, options)) throw noNamespace(a, before, options)
  const comparison = compare(before, after, { before: matches(before, options), after: matches(after, options) })
  if (options.json === true) await printJson(context.terminal, comparison)
  else {
    const { comparisonPage } = await import('../pages/comparison-page.ts')
    await print(context.terminal, comparisonPage(comparison, context.terminal))
  }
  const { groups, raised, cleared, sysctls } = comparison
  const differs = groups.length + raised.length + cleared.length + sysctls.length > 0
  return options.exitCode === true && differs ? ExitStatus.Found : ExitStatus.Success
}
