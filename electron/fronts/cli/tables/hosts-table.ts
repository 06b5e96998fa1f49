/** The known hosts, one per row. */
import type { KnownHost } from '../../../contract/hosts.ts'
import type { Column } from '../layout.ts'
import { line, span } from '../text.ts'

const ORIGINS: Record<KnownHost['origin'], string> = {
  root: 'this machine',
  added: 'added',
  recent: 'connected before',
  'ssh-config': 'ssh configuration',
  container: 'container',
}

export function hostColumns(): Column<KnownHost>[] {
  const none = line(span('–', 'quiet'))
  return [
    { title: 'HOST', priority: 100, shrinkTo: 12, cell: ({ name }) => name },
    { title: 'FROM', priority: 50, cell: ({ origin }) => ORIGINS[origin] },
    {
      title: 'CONNECTED',
      priority: 60,
      cell: ({ lastConnectedAt }) =>
        lastConnectedAt === null ? none : `${lastConnectedAt.slice(0, 19).replace('T', ' ')}Z`,
    },
    {
      title: 'REACHED',
      priority: 80,
      shrinkTo: 16,
      cell: ({ via, detail }) => via ?? `ssh${detail === null ? '' : ` ${detail}`}`,
    },
  ]
}
