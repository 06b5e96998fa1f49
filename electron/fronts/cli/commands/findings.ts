/** `findings`: lists problems, after watching long enough to detect them. */
import type { FindingRow } from '../../../contract/analysis.ts'
import { linkedAbort } from '../../../contract/linked-abort.ts'
import type { GroupRow } from '../../../contract/live.ts'
import type { Namespace, Severity } from '../../../contract/model.ts'
import { SEVERITIES } from '../../../contract/values.ts'
import type { Client, Context } from '../context.ts'
import { ExitStatus } from '../exit-status.ts'
import { rejectUnknownCodes } from '../finding-codes.ts'
import { documentOf, printAnswer, printJsonLine } from '../json.ts'
import { chosenColumns } from '../listing/columns.ts'
import { findingListColumns } from '../listing/finding-list.ts'
import { printedColumns, printRows, rejectUnknownColumns } from '../listing/print-list.ts'
import { asksForRows, formatOf, type TableOptions } from '../listing/table-options.ts'
import { type Filters, selectionOf } from '../option-values.ts'
import { print } from '../terminal.ts'

export type FindingsOptions = Omit<Filters, 'all'> &
  TableOptions & {
    /** Milliseconds to watch. */
    readonly for: number
    readonly muted?: boolean
    /** At least this severity. */
    readonly severity?: Severity
    /** Types of findings: only these, and all but these. */
    readonly code?: readonly string[]
    readonly ignore?: readonly string[]
    readonly failOn: Severity | 'none'
  }

/** Refreshes that most findings need, however short the time: a queue that is full once is not a finding. */
const MIN_REFRESHES = 3

/** Prints the findings by severity, even when interrupted. Found where one is as severe as --fail-on says. */
export async function findings(options: FindingsOptions, context: Context): Promise<ExitStatus> {
  const { terminal, connect, interruption } = context
  const columns = findingListColumns({ namespaces: [] })
  if (await printedColumns(options, terminal, columns)) return ExitStatus.Success
  rejectUnknownColumns(options, columns)
  await rejectUnknownCodes([...(options.code ?? []), ...(options.ignore ?? [])])
  const interrupted = interruption()
  const client = await connect()
  const found = await watchFindings(client, options.for, interrupted)
  const { namespaces } = await client.machine.about()
  const inGroups = await groupTest(options, context)
  const passes = await filterTest(options.filter, client, found)
  const selected = found.filter((row) => isListed(row, options) && inGroups(row) && passes(row))
  const rows = selected
    .filter(({ muted }) => options.muted === true || !muted)
    .sort((a, b) => rank(b.severity) - rank(a.severity) || (a.id < b.id ? -1 : 1))
  if (formatOf(options) === 'ndjson') {
    for (const row of rows) await printJsonLine(terminal, documentOf('finding', row))
  } else if (options.json === true) await printAnswer(context, 'findings', { findings: rows })
  else if (asksForRows(options)) {
    const every = findingListColumns({ namespaces })
    await printRows(options, terminal, { every, columns: chosenColumns(every, options.columns) }, rows)
  } else {
    const { findingsPage } = await import('../pages/findings-page.ts')
    const about = { muted: selected.length - rows.length, watchedMs: options.for, namespaces }
    await print(terminal, findingsPage(rows, about, Math.min(terminal.width, 100)))
  }
  const { failOn } = options
  const fails = failOn !== 'none' && rows.some(({ severity }) => rank(severity) >= rank(failOn))
  return fails ? ExitStatus.Found : ExitStatus.Success
}

function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity)
}

/** Whether a finding is one of those that the options ask for. */
export function isListed(
  { severity, code }: Pick<FindingRow, 'severity' | 'code'>,
  options: Pick<FindingsOptions, 'severity' | 'code' | 'ignore'>,
): boolean {
  return (
    (options.severity === undefined || rank(severity) >= rank(options.severity)) &&
    (options.code === undefined || options.code.includes(code)) &&
    options.ignore?.includes(code) !== true
  )
}

/** Whether the group of a finding is one that the engine selects. Rejects for a namespace or a user that is unknown. */
async function groupTest(options: FindingsOptions, context: Context): Promise<(finding: FindingRow) => boolean> {
  const { filter: _, all: __, ...selection } = selectionOf(options)
  if (Object.keys(selection).length === 0) return () => true
  const { groups } = await (await context.core()).groupList({ selection: { ...selection, all: true }, owners: true })
  const ids = new Set(groups.map(({ id }) => id))
  return ({ group }) => ids.has(group)
}

/** Whether the group of a finding matches the filter. */
async function filterTest(
  text: string | undefined,
  client: Client,
  found: readonly FindingRow[],
): Promise<(finding: FindingRow) => boolean> {
  if (text === undefined) return () => true
  const { findingMatcher, parseGroupFilter } = await import('../group-filter.ts')
  const groups = new Map<string, GroupRow>()
  let namespaces: readonly Namespace[] = []
  let after: string | undefined
  for (let more = true; more; ) {
    const change = await client.groups.changes({ all: true, after })
    for (const row of change.rows) groups.set(row.id, row)
    ;({ cursor: after, more, namespaces } = change)
  }
  return findingMatcher(parseGroupFilter(text, 'findings'), found, groups, namespaces)
}

/** Follows the stream for this long, and for at least MIN_REFRESHES refreshes; returns the findings active at its end. */
async function watchFindings(client: Client, milliseconds: number, interrupted: AbortSignal): Promise<FindingRow[]> {
  // The stream's first answer is the first frame; owners and options are complete after one full refresh.
  await client.sampling.refresh()
  const findings = new Map<string, FindingRow>()
  const deadline = linkedAbort([interrupted], milliseconds).signal
  const refreshes = new Set<number>()
  let after: string | undefined
  let more = false
  do {
    try {
      const signal = refreshes.size < MIN_REFRESHES ? interrupted : deadline
      const change = await client.findings.changes({ after }, { signal })
      if (change.reset) findings.clear()
      for (const id of change.removed) findings.delete(id)
      for (const row of change.rows) findings.set(row.id, row)
      refreshes.add(change.sampler.refresh)
      after = change.cursor
      more = change.more
    } catch (error) {
      if (!deadline.aborted) throw error
      more = false
    }
  } while (more || !deadline.aborted || (refreshes.size < MIN_REFRESHES && !interrupted.aborted))
  return [...findings.values()]
}
