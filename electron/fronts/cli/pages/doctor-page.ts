/** The page of `doctor`: what this user can and cannot see. */
import type { Check } from '../../../contract/live.ts'
import type { Host } from '../../../contract/model.ts'
import { type Line, line, span, type Tone } from '../text.ts'
import { wrap } from '../width.ts'
import { several } from '../words.ts'

const tones: Record<Check['state'], Tone> = { yes: 'good', partly: 'warning', no: 'bad', unknown: 'quiet' }

/** The checks as lines of at most `columns` columns. */
export function doctorPage({ host, checks }: { host: Host; checks: readonly Check[] }, columns: number): Line[] {
  const margin = ' '.repeat(9)
  const more = capabilitiesInWords(host.capabilities)
  const missing = checks.filter((check) => check.state !== 'yes').length
  return [
    line(span(host.hostname, 'strong'), `  Linux ${host.kernelRelease}  uid ${host.uid}, ${more}`),
    line(''),
    ...checks.flatMap((check) => [
      line(span(check.state.padEnd(7), tones[check.state]), '  ', span(check.subject, 'strong')),
      ...wrap(check.detail, columns, margin).map((text) => line(text)),
      ...(check.remedy === null ? [] : wrap(`To see more: ${check.remedy}`, columns, margin).map((text) => line(text))),
    ]),
    line(''),
    line(
      missing === 0 ? 'Everything is visible.' : `${missing} of ${several(checks.length, 'item')} not fully visible.`,
    ),
  ]
}

function capabilitiesInWords(capabilities: Host['capabilities']): string {
  if (capabilities === null) return 'capabilities unknown'
  return capabilities.length === 0 ? 'no capabilities' : several(capabilities.length, 'capability', 'capabilities')
}
