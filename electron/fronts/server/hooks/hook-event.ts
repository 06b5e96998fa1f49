/** What a hook is given: an event of a finding, as a document, and as variables of an environment. */
import { hostname } from 'node:os'
import type { LoggedEvent } from '../../../contract/events.ts'
import { type Document, documentOf } from '../../cli/json.ts'
import { sanitize } from '../../cli/sanitize.ts'

/** An event of kind `raised` or `cleared`. */
export type HookEvent = LoggedEvent & {
  readonly finding: string
  readonly severity: NonNullable<LoggedEvent['severity']>
}

/** The event as in `events --json`, with the name of this host. */
export function hookDocument(event: HookEvent): Document & { hostname: string } {
  return documentOf('event', { hostname: hostname(), ...event })
}

/** Bytes of a value: an environment is limited (execve(2)). */
const MAX_VALUE = 4096

/** The same as variables. What is unknown is empty; characters that a terminal could interpret are escaped. */
export function hookEnvironment(event: HookEvent): Record<string, string> {
  const { key } = event
  const values = {
    EVENT: event.kind,
    CODE: event.finding.split(':', 1)[0],
    SEVERITY: event.severity,
    SUMMARY: event.summary,
    TIME: event.at,
    HOSTNAME: hostname(),
    FINDING: event.finding,
    PROTOCOL: key?.protocol,
    ADDRESS: key?.address,
    PORT: key?.port,
    NAMESPACE: event.namespace?.name,
    OWNER: event.owner,
    LOST: event.lost,
  }
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      `REUSEPORT_${name}`,
      sanitize(String(value ?? '')).slice(0, MAX_VALUE),
    ]),
  )
}
