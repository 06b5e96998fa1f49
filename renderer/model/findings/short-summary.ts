/** A finding's sentence as a title, without the endpoint that is shown below it. */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import { addressText } from '../../ui/format.ts'

/**
 * "tcp 0.0.0.0:443 loses connections." → "It loses connections"; a sentence that names its group differently is kept.
 */
export function shortSummary({ summary, key }: Pick<FindingRow, 'summary' | 'key'>): string {
  const bound = key.interface === null ? '' : ` on ${key.interface}`
  const named = `${key.protocol} ${addressText(key.address, key.family, null)}:${key.port}${bound}`
  const at = summary.indexOf(named)
  if (at < 0) return withoutStop(summary)
  const before = summary.slice(0, at)
  const after = summary.slice(at + named.length)
  if (before === '') return withoutStop(`It${after}`)
  const place = / (?:of|at) $/.exec(before)
  return withoutStop(place ? before.slice(0, place.index) + after : `${before}it${after}`)
}

/** A title ends without a full stop. */
function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '')
}
