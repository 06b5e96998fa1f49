/** A finding that is raised, as an event. */
import type { HookEvent } from '../../../../../electron/fronts/server/hooks/hook-event.ts'

export function hookEvent(event: Partial<HookEvent> = {}): HookEvent {
  return {
    id: 1,
    at: '2026-01-02T03:04:05.000Z',
    until: '2026-01-02T03:04:05.000Z',
    kind: 'raised',
    severity: 'critical',
    key: null,
    namespace: { inode: 1, name: 'init' },
    owner: 'nginx',
    summary: 'a queue overflows',
    lost: null,
    finding: 'queue-overflowing:1-2',
    incident: null,
    generations: null,
    ...event,
  }
}
