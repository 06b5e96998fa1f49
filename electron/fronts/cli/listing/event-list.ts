/** The columns of `events`, where --output asks for rows. */
import type { LoggedEvent } from '../../../contract/events.ts'
import { endpoint, protocolName } from '../format.ts'
import type { ListColumn } from './columns.ts'

export const EVENT_LIST_COLUMNS: readonly ListColumn<LoggedEvent>[] = [
  { name: 'at', about: 'when it happened, or began', shown: true, value: ({ at }) => at },
  { name: 'until', about: 'when it ended', shown: false, value: ({ until }) => until },
  { name: 'kind', about: 'kind of event', shown: true, value: ({ kind }) => kind },
  { name: 'severity', about: 'severity of the finding', shown: true, value: ({ severity }) => severity ?? '' },
  { name: 'proto', about: 'protocol and family', shown: true, value: ({ key }) => (key ? protocolName(key) : '') },
  { name: 'endpoint', about: 'local address and port', shown: true, value: ({ key }) => (key ? endpoint(key) : '') },
  { name: 'netns', about: 'network namespace', shown: true, value: ({ namespace }) => namespace?.name ?? '' },
  { name: 'owner', about: 'command that holds most of the members', shown: true, value: ({ owner }) => owner },
  { name: 'lost', about: 'connections or datagrams lost, at least', shown: true, value: ({ lost }) => lost },
  { name: 'id', about: 'id of the group', shown: false, value: ({ key }) => key?.id ?? '' },
  { name: 'finding', about: 'id of the finding', shown: false, value: ({ finding }) => finding ?? '' },
  { name: 'summary', about: 'what happened', shown: true, prose: true, value: ({ summary }) => summary },
]
