/** The connections on a port, one per row. */
import type { PortHolder } from '../../../contract/port.ts'
import { endpoint } from '../format.ts'
import type { Column } from '../layout.ts'

/** `nameOf`: names the namespaces, where they need a column. */
export function connectionColumns(port: number, nameOf: ((netns: number) => string) | null): Column<PortHolder>[] {
  return [
    { title: 'PROTO', priority: 70, cell: ({ protocol, family }) => `${protocol}${family === 'ipv6' ? '6' : '4'}` },
    { title: 'STATE', priority: 90, cell: ({ state }) => state },
    { title: 'LOCAL', priority: 100, cell: ({ address }) => endpoint({ address, port, interface: null }) },
    {
      title: 'PEER',
      priority: 80,
      cell: ({ remote }) => (remote === null ? '–' : endpoint({ ...remote, interface: null })),
    },
    { title: 'OWNERS', priority: 95, shrinkTo: 12, cell: ownersText },
    { title: 'USER', priority: 60, cell: ({ user }) => user ?? '–' },
    ...(nameOf === null ? [] : [{ title: 'NETNS', priority: 50, cell: ({ netns }: PortHolder) => nameOf(netns) }]),
  ]
}

function ownersText({ holders, state }: PortHolder): string {
  if (holders === null) return state === 'time-wait' ? '–' : 'unknown'
  return holders.map(({ command, pid }) => `${command} ${pid}`).join(', ')
}
