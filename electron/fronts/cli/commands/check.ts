/** `check`: whether assertions about groups hold, now or within a time. */
import { readFile } from 'node:fs/promises'
import type { GroupRow } from '../../../contract/live.ts'
import type { Protocol } from '../../../contract/model.ts'
import { findNamespace } from '../../../engine/index.ts'
import { type Expectation, formatRange } from '../check/assertions.ts'
import { type Check, type CheckResult, CheckRun } from '../check/check-run.ts'
import type { Client, Context } from '../context.ts'
import { ExitStatus } from '../exit-status.ts'
import { Failure, usageError } from '../failure.ts'
import { type GroupReference, parseGroupReference } from '../group-reference.ts'
import { printAnswer } from '../json.ts'
import { sanitize } from '../sanitize.ts'
import { print } from '../terminal.ts'
import { applyChange, emptyState, type WatchState } from '../watch/state.ts'

export type CheckOptions = Omit<Expectation, 'noDrops'> & {
  readonly file?: string
  /** False where --no-drops is given. */
  readonly drops: boolean
  /** Milliseconds. */
  readonly for?: number
  readonly wait?: number
  readonly protocol?: Protocol
  readonly netns?: string
  readonly json?: boolean
  readonly nagios?: boolean
  readonly junit?: boolean
}

/** How often the machine is read, in milliseconds: a deployment waits for the answer. */
const INTERVAL_MS = 500

/** Prints the result. Found where an assertion fails, Failed where one is unknown. */
export async function check(target: string | undefined, options: CheckOptions, context: Context): Promise<ExitStatus> {
  const checks = await checksOf(target, options, context)
  const interrupted = context.interruption()
  const results = await runChecks(await context.connect(), checks, interrupted)
  const { overall } = await import('../check/reports.ts')
  const state = overall(results)
  await report(results, checks, options, context)
  if (options.nagios === true) {
    const { PLUGIN_STATUS } = await import('../check/reports.ts')
    return PLUGIN_STATUS[state]
  }
  return { held: ExitStatus.Success, failed: ExitStatus.Found, unknown: ExitStatus.Failed }[state]
}

async function report(
  results: readonly CheckResult[],
  checks: readonly Check[],
  { json, nagios, junit }: CheckOptions,
  context: Context,
): Promise<void> {
  const { terminal } = context
  const reports = await import('../check/reports.ts')
  if (json === true) return printAnswer(context, 'check', { state: reports.overall(results), checks: results })
  if (nagios === true) {
    const limits = new Map(checks.map(({ name, expectation }) => [name, limitsOf(expectation)]))
    return terminal.write(`${sanitize(reports.pluginLine(results, (name) => limits.get(name) ?? {}))}\n`)
  }
  if (junit === true) {
    const { markup } = await import('../../../engine/snapshots/index.ts')
    return terminal.write(reports.junit(results, markup))
  }
  await print(terminal, reports.checkPage(results, terminal.width))
}

/** The limits in performance data: a value outside of the range is critical. */
function limitsOf({ members, maxImbalance, maxQueue, noDrops }: Expectation): Record<string, string> {
  return {
    ...(members !== undefined && {
      members: formatRange(members)
        .replace('..', ':')
        .replace(/^(\d+)$/, '$1:$1')
        .replace(/^:/, ''),
    }),
    ...(maxImbalance !== undefined && { 'max-imbalance': String(maxImbalance) }),
    ...(maxQueue !== undefined && { 'max-queue': String(Math.round(1000 * maxQueue) / 10) }),
    ...(noDrops === true && { 'no-drops': '0' }),
  }
}

/** Throws a usage error for a target and a file, or neither. */
async function checksOf(target: string | undefined, options: CheckOptions, context: Context): Promise<Check[]> {
  const { file, drops, for: holdMs, wait: waitMs, protocol, netns, json, nagios, junit, ...asserted } = options
  if ((file === undefined) === (target === undefined))
    throw usageError("'check' needs a group such as :443, or a file of checks with -f.")
  if (file !== undefined) {
    if (!drops) throw usageError('--no-drops cannot be used with -f: write `noDrops: true` in the file.')
    const { parseCheckFile } = await import('../check/check-file.ts')
    const fallbacks = (each: Check): Check => ({
      ...each,
      netns: each.netns ?? netns,
      holdMs: holdMs ?? each.holdMs,
      waitMs: waitMs ?? each.waitMs,
    })
    return parseCheckFile(file, await textOf(file, context)).map(fallbacks)
  }
  const named = target ?? ''
  return [
    {
      name: named,
      target: named,
      reference: ofProtocol(parseGroupReference(named), protocol),
      netns,
      expectation: { ...asserted, noDrops: !drops },
      holdMs: holdMs ?? 0,
      waitMs: waitMs ?? 0,
    },
  ]
}

function ofProtocol(reference: GroupReference, protocol: Protocol | undefined): GroupReference {
  if (protocol === undefined || reference.kind === 'id') return reference
  if (reference.protocol !== null && reference.protocol !== protocol)
    throw usageError(`The group is named for ${reference.protocol}, and --protocol is ${protocol}.`)
  return { ...reference, protocol }
}

async function textOf(file: string, { input }: Context): Promise<string> {
  if (file !== '-') {
    try {
      return await readFile(file, 'utf8')
    } catch (error) {
      throw new Failure(`Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}.`)
    }
  }
  const pieces: Uint8Array[] = []
  for await (const piece of input()) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}

/** Follows the groups until every check is over, or the user interrupts. */
async function runChecks(client: Client, checks: readonly Check[], interrupted: AbortSignal): Promise<CheckResult[]> {
  let state: WatchState = emptyState
  const namespaceOf = (netns: string) => findNamespace(state.namespaces, netns)?.inode ?? null
  const runs = checks.map((each) => new CheckRun(each, namespaceOf))
  await client.settings.set({ intervalMs: INTERVAL_MS })
  // The stream starts with what is known and adds the rest later; a snapshot waits for owners and options.
  await client.snapshot({ selection: { all: true }, owners: true })
  let refresh = -1
  while (runs.some(({ result }) => result === null) && !interrupted.aborted) {
    try {
      const after = state.cursor === undefined ? {} : { after: state.cursor }
      const change = await client.groups.changes({ all: true, ...after }, { signal: interrupted })
      state = applyChange(state, change)
      if (state.more || change.sampler.refresh === refresh) continue
      refresh = change.sampler.refresh
      const rows: readonly GroupRow[] = [...state.rows.values()]
      for (const run of runs) run.take(rows, Date.now())
    } catch (error) {
      if (!interrupted.aborted) throw error
    }
  }
  return runs.map((run) => run.result ?? run.interrupt())
}
