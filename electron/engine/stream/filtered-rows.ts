/** The filter language on a frame. It loads only with a filter. */
import type { FindingRow } from '../../contract/analysis.ts'
import { type Filter, matcher } from '../../contract/filter/filter.ts'
import { parseFilter } from '../../contract/filter/parse.ts'
import { groupSubject } from '../../contract/filter/subjects.ts'
import type { Namespace } from '../../contract/model.ts'
import type { FindingsLog } from '../analyze/findings/findings-log.ts'
import type { Collector } from '../collect/collector.ts'
import type { FrameView } from '../collect/frame-view.ts'
import { ReadError } from '../collect/problems.ts'

/** Keys that read what happens in a second: one frame does not know it. */
const RATES: ReadonlySet<string | null> = new Set(['drops', 'is'])

/** Whether it reads rates, which take two frames. */
export function readsRates(text: string): boolean {
  return parseFilter(text).terms.some(({ key }) => RATES.has(key))
}

/** Whether it reads what groups are given, which has to be counted first. */
export function readsCounts(text: string): boolean {
  return parseFilter(text).terms.some(({ key }) => key === 'rate')
}

/** The rows that match. Throws ReadError for a term that is invalid: it would match everything. */
export function rowTest(
  text: string,
  frame: FrameView,
  { collector, findings }: { readonly collector: Collector; readonly findings: FindingsLog },
  namespaces: readonly Namespace[],
): (row: number) => boolean {
  const test = matcher(valid(parseFilter(text)).terms)
  const names = new Map(namespaces.map(({ inode, name }) => [inode, name]))
  const found = new Map<string, FindingRow[]>()
  for (const { row } of findings.raised.values()) found.set(row.group, [...(found.get(row.group) ?? []), row])
  return (row) => {
    const id = frame.id(row)
    const shown = frame.groupRow(row, collector.ownerSummary(frame, row, id))
    return test(
      groupSubject(shown, found.get(id) ?? [], names.get(shown.netns) ?? String(shown.netns), frame.takenAt.getTime()),
    )
  }
}

function valid(filter: Filter): Filter {
  const wrong = filter.terms.find(({ error }) => error !== null)
  if (wrong === undefined) return filter
  throw new ReadError('UNPROCESSABLE_CONTENT', {
    operation: `filtering by "${filter.text}"`,
    cause: wrong.error ?? '',
    hint: `The term is "${wrong.raw}".`,
  })
}
