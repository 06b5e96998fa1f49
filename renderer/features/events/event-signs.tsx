/** The sign of an event, the same in the list and on the strip. */
import type { LoggedEvent } from '../../../electron/contract/events.ts'
import { Icon } from '../../ui/icon.tsx'
import { Sign } from '../../ui/sign.tsx'

/** Decorative: the kind is written beside it. */
export function EventSign({ event: { kind, severity } }: { event: Pick<LoggedEvent, 'kind' | 'severity'> }) {
  switch (kind) {
    case 'raised':
      return <Sign name={severity ?? 'info'} label="" />
    case 'cleared':
      return <Sign name="ok" label="" />
    case 'joined':
      return <Sign name="new" label="" />
    case 'left':
      return <Sign name="gone" label="" />
    case 'reload':
      return <Icon name="refresh" />
    case 'namespace':
      return <Icon name="namespace" />
    case 'program':
      return <Icon name="program" />
    case 'unwatched':
      return <Icon name="pause" />
  }
}
