/** Events as lines of text. */
import type { LoggedEvent } from '../../../contract/events.ts'
import { endpoint, protocolName } from '../../../contract/format.ts'
import { type Line, line, span, type Tone } from '../text.ts'
import { wrap } from '../width.ts'

const KIND_COLUMNS = 9
const PLACE_COLUMNS = 22
/** From this width on, the event stands beside its group; on narrower terminals below it. */
const WIDE = 100

/** One event, at most `columns` wide. */
export function eventLines(event: LoggedEvent, columns: number): Line[] {
  const { kind, severity, key, namespace, summary, at } = event
  const clock = new Date(at).toLocaleTimeString('en-GB')
  const place = key === null ? (namespace?.name ?? '') : `${protocolName(key)} ${endpoint(key)}`
  const said = kind === 'raised' && severity !== null ? `${severity}: ${summary}` : summary
  const head = [`${clock}  `, span(kind.padEnd(KIND_COLUMNS), toneOf(event)), '  ']
  if (columns < WIDE) {
    const margin = ' '.repeat(10)
    return [line(...head, span(place, 'strong')), ...wrap(said, columns, margin).map((part) => line(part))]
  }
  const margin = ' '.repeat(10 + KIND_COLUMNS + 2 + PLACE_COLUMNS + 2)
  const [first = '', ...rest] = wrap(said, columns, margin)
  const fits = place.length <= PLACE_COLUMNS
  const beside = line(...head, span(place.padEnd(PLACE_COLUMNS), 'strong'), ...(fits ? ['  ', first.trimStart()] : []))
  return [beside, ...(fits ? rest : [first, ...rest]).map((part) => line(part))]
}

/** The line before the first event of a day. */
export function dayLine(at: string): Line {
  return line(span(new Date(at).toLocaleDateString('en-CA'), 'head'))
}

function toneOf({ kind, severity, lost }: LoggedEvent): Tone {
  if (kind === 'raised') return severity === 'critical' ? 'bad' : severity === 'warning' ? 'warning' : 'plain'
  if (kind === 'cleared') return 'good'
  return (lost ?? 0) > 0 ? 'bad' : 'plain'
}
