/** The columns of `findings`, where --output or --columns ask for rows. */
import type { FindingRow } from '../../../contract/analysis.ts'
import type { Snapshot } from '../../../contract/model.ts'
import { endpoint, namespaceWord, protocolName } from '../format.ts'
import type { ListColumn } from './columns.ts'

export function findingListColumns({ namespaces }: Pick<Snapshot, 'namespaces'>): ListColumn<FindingRow>[] {
  return [
    { name: 'severity', about: 'critical, warning or info', shown: true, value: ({ severity }) => severity },
    { name: 'code', about: 'type of the finding', shown: true, value: ({ code }) => code },
    { name: 'proto', about: 'protocol and family', shown: true, value: ({ key }) => protocolName(key) },
    { name: 'endpoint', about: 'local address and port', shown: true, value: ({ key }) => endpoint(key) },
    {
      name: 'netns',
      about: 'network namespace',
      shown: true,
      value: ({ key }) => namespaceWord(key.netns, namespaces),
    },
    { name: 'id', about: 'id of the group', shown: true, value: ({ group }) => group },
    { name: 'members', about: 'members that it names', shown: false, value: ({ members }) => members.length },
    { name: 'port', about: 'local port', shown: false, value: ({ key }) => key.port },
    { name: 'raised', about: 'when it was raised', shown: false, value: ({ raisedAt }) => raisedAt },
    { name: 'muted', about: 'whether it is muted', shown: false, value: ({ muted }) => (muted ? 'muted' : '') },
    { name: 'advice', about: 'what to do about it', shown: false, prose: true, value: ({ advice }) => advice },
    { name: 'summary', about: 'what is wrong', shown: true, prose: true, value: ({ summary }) => summary },
  ]
}
