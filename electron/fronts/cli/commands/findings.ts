/** `findings`: lists problems, after watching long enough to detect them. */
import type { FindingRow } from '../../../contract/analysis.ts'
import { linkedAbort } from '../../../contract/linked-abort.ts'
import type { Client, Context } from '../context.ts'
import { ExitStatus } from '../exit-status.ts'
import { printAnswer } from '../json.ts'
import { print } from '../terminal.ts'

export type FindingsOptions = {
  /** Milliseconds to watch. */
  readonly for: number
  readonly muted?: boolean
  readonly json?: boolean
}

/** Refreshes that most findings need, however short the time: a queue that is full once is not a finding. */
const MIN_REFRESHES = 3

const SEVERITY_ORDER = { critical: 0, warning: 1, info: 2 } as const

/** Prints the findings by severity, even when interrupted. Found where one is critical. */
export async function findings(options: FindingsOptions, context: Context): Promise<ExitStatus> {
  const { terminal, connect, interruption } = context
  const interrupted = interruption()
  const client = await connect()
  const found = await watchFindings(client, options.for, interrupted)
  const rows = found
    .filter(({ muted }) => options.muted === true || !muted)
    .sort((a, b) => SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity] || (a.id < b.id ? -1 : 1))
  if (options.json === true) await printAnswer(context, 'findings', { findings: rows })
  else {
    const { findingsPage } = await import('../pages/findings-page.ts')
    const { namespaces } = await client.machine.about()
    const about = { muted: found.length - rows.length, watchedMs: options.for, namespaces }
    await print(terminal, findingsPage(rows, about, Math.min(terminal.width, 100)))
  }
  return rows.some(({ severity }) => severity === 'critical') ? ExitStatus.Found : ExitStatus.Success
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
