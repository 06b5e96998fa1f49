/** `events`: what happens on this machine, or happened in a recording. */
import type { LoggedEvent } from '../../../contract/events.ts'
import { linkedAbort } from '../../../contract/linked-abort.ts'
import { fileBytes, growingFileBytes, playRecording, SnapshotEvents } from '../../../engine/snapshots/index.ts'
import type { Client, Context } from '../context.ts'
import { type EventFilters, eventTest } from '../event-filter.ts'
import { ExitStatus } from '../exit-status.ts'
import { formatProblem, usageError } from '../failure.ts'
import { documentOf, printJsonLine } from '../json.ts'
import { chosenColumns } from '../listing/columns.ts'
import { EVENT_LIST_COLUMNS } from '../listing/event-list.ts'
import { listCsv, listTsv } from '../listing/list-texts.ts'
import { printedColumns } from '../listing/print-list.ts'
import { formatOf, type TableOptions } from '../listing/table-options.ts'
import { dayLine, eventLines } from '../pages/event-lines.ts'
import { print, printError, type Terminal } from '../terminal.ts'

export type EventsOptions = EventFilters &
  Omit<TableOptions, 'sort'> & {
    /** A recording. */
    readonly from?: string
    readonly follow?: boolean
    /** Milliseconds to watch this machine, without `follow`. */
    readonly for: number
  }

/** Prints events as they end, oldest first. Failed where a recording is truncated or damaged. */
export async function events(options: EventsOptions, context: Context): Promise<ExitStatus> {
  const { terminal, interruption } = context
  if (await printedColumns(options, terminal, EVENT_LIST_COLUMNS)) return ExitStatus.Success
  const interrupted = interruption()
  const show = await printer(options, terminal)
  if (options.from !== undefined)
    return fromRecording(options.from, options.follow === true, interrupted, show, context)
  const client = await context.connect()
  if (formatOf(options) === 'table') terminal.writeError(`Watching. Press Ctrl+C to stop.\n`)
  const end = options.follow === true ? { signal: interrupted, release() {} } : linkedAbort([interrupted], options.for)
  try {
    await watch(client, end.signal, show)
  } finally {
    end.release()
  }
  return ExitStatus.Success
}

type Show = (events: readonly LoggedEvent[]) => Promise<void>

async function printer(options: EventsOptions, terminal: Terminal): Promise<Show> {
  const [matches, matchesFilter] = [eventTest(options), await filterTest(options.filter)]
  const passes = (event: LoggedEvent) => matches(event) && matchesFilter(event)
  const lines = rowLines(options)
  if (lines !== null) {
    return async (events) => {
      const passed = events.filter(passes)
      const text = lines(passed)
      if (text !== '') await terminal.write(text)
    }
  }
  let day = ''
  return async (events) => {
    for (const event of events) {
      if (!passes(event)) continue
      if (options.json === true) {
        await printJsonLine(terminal, documentOf('event', event))
        continue
      }
      const today = new Date(event.at).toDateString()
      const head = today === day ? [] : [dayLine(event.at)]
      day = today
      await print(terminal, [...head, ...eventLines(event, Math.min(terminal.width, 160))])
    }
  }
}

/** Events as lines of CSV or of tab-separated values, the first ones below their head; null for another format. */
function rowLines(options: EventsOptions): ((events: readonly LoggedEvent[]) => string) | null {
  const columns = chosenColumns(EVENT_LIST_COLUMNS, options.columns)
  const format = formatOf(options)
  if (format !== 'csv' && format !== 'tsv') {
    if (options.columns !== undefined || !options.header)
      throw usageError('Columns need --output csv or tsv: events are printed as they end, one by one.')
    return null
  }
  const lines = format === 'csv' ? listCsv : listTsv
  let head = options.header
  return (events) => {
    const text = lines(columns, events, head)
    head = false
    return text
  }
}

async function filterTest(filter: string | undefined): Promise<(event: LoggedEvent) => boolean> {
  if (filter === undefined) return () => true
  const { eventMatcher, parseGroupFilter } = await import('../group-filter.ts')
  return eventMatcher(parseGroupFilter(filter, 'events'))
}

/** Follows the engine's events until `signal` is aborted; an event that still goes on then is printed as it is. */
async function watch(client: Client, signal: AbortSignal, show: Show): Promise<void> {
  await client.sampling.refresh()
  const open = new Map<number, LoggedEvent>()
  let after: string | undefined
  while (!signal.aborted) {
    try {
      const change = await client.events.changes({ after }, { signal })
      after = change.cursor
      for (const event of change.events) {
        open.delete(event.id)
        if (event.until === null) open.set(event.id, event)
        else await show([event])
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
  await show([...open.values()])
}

async function fromRecording(
  file: string,
  follow: boolean,
  interrupted: AbortSignal,
  show: Show,
  { terminal, input }: Context,
): Promise<ExitStatus> {
  const piped = file === '-'
  const bytes = piped ? input() : follow ? growingFileBytes(file, interrupted) : fileBytes(file)
  const found = new SnapshotEvents()
  const snapshots = playRecording(piped ? 'standard input' : file, bytes)
  for (;;) {
    const next = await snapshots.next()
    if (!next.done) {
      found.add(next.value)
      await show(found.takeSettled())
      continue
    }
    found.finish()
    await show(found.takeSettled())
    const { problem } = next.value
    // What is still being written ends in the middle of a line.
    if (problem === null || (follow && interrupted.aborted)) return ExitStatus.Success
    printError(terminal, formatProblem(problem))
    return ExitStatus.Failed
  }
}
