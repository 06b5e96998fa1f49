/** The page of `doctor`: what this user can and cannot see. */
import type { PermissionCheck } from '../../../contract/live.ts'
import type { Host } from '../../../contract/model.ts'
import { pluralize } from '../format.ts'
import { type Line, line, span, type Tone } from '../text.ts'
import { wrap } from '../width.ts'

const tones: Record<PermissionCheck['state'], Tone> = { yes: 'good', partial: 'warning', no: 'bad', unknown: 'quiet' }

/** The checks as lines of at most `columns` columns. */
export function doctorPage(
  { host, checks }: { host: Host; checks: readonly PermissionCheck[] },
  columns: number,
): Line[] {
  const margin = ' '.repeat(9)
  const more = formatCapabilities(host.capabilities)
  const missing = checks.filter((check) => check.state !== 'yes').length
  return [
    line(span(host.hostname, 'strong'), `  Linux ${host.kernelRelease}  uid ${host.uid}, ${more}`),
    line(''),
    ...checks.flatMap((check) => [
      line(span(check.state.padEnd(7), tones[check.state]), '  ', span(check.subject, 'strong')),
      ...wrap(check.detail, columns, margin).map((text) => line(text)),
      ...(check.hint === null ? [] : wrap(`To see more: ${check.hint}`, columns, margin).map((text) => line(text))),
    ]),
    line(''),
    line(
      missing === 0 ? 'Everything is visible.' : `${missing} of ${pluralize(checks.length, 'item')} not fully visible.`,
    ),
  ]
}

function formatCapabilities(capabilities: Host['capabilities']): string {
  if (capabilities === null) return 'capabilities unknown'
  return capabilities.length === 0 ? 'no capabilities' : pluralize(capabilities.length, 'capability', 'capabilities')
}
