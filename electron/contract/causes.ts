/** Which types of findings have one cause: in one group, they are one incident. */
import type { FindingCode } from './model.ts'

export type Cause = 'queue' | 'reload' | 'receivers' | FindingCode

const CAUSES: Readonly<Partial<Record<string, Cause>>> = {
  'queue-overflowing': 'queue',
  'member-stalled': 'queue',
  'backlog-clamped': 'queue',
  'udp-receive-drops': 'queue',
  'udp-not-read': 'queue',
  'reload-lost-connections': 'reload',
  'mixed-generations': 'reload',
  'port-hijackable': 'receivers',
  'udp-newest-takes-all': 'receivers',
} satisfies Partial<Record<FindingCode, Cause>>

/** The cause of a finding. A type that is listed with no other has one of its own. */
export function causeOf(code: string): string {
  return CAUSES[code] ?? code
}
