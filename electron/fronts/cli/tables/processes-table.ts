/** The processes that hold a group's members, one per row. */
import type { Process } from '../../../contract/live.ts'
import type { Column } from '../layout.ts'
import { line, span } from '../text.ts'
import { unknown } from './cells.ts'

export function processColumns(): Column<Process>[] {
  return [
    { title: 'PID', align: 'right', priority: 100, cell: ({ pid }) => String(pid) },
    { title: 'COMMAND', priority: 90, shrinkTo: 8, cell: ({ command }) => command },
    {
      title: 'USER',
      priority: 70,
      shrinkTo: 8,
      cell: ({ user, uid }) => (uid === null ? [unknown] : (user ?? `uid ${uid}`)),
    },
    {
      title: 'STARTED',
      priority: 80,
      cell: ({ startedAt }) => (startedAt === null ? [unknown] : `${startedAt.slice(0, 19).replace('T', ' ')}Z`),
    },
    {
      title: 'UNIT OR CONTAINER',
      priority: 60,
      shrinkTo: 12,
      cell: ({ unit, container }) =>
        container === null ? (unit ?? line(span('–', 'quiet'))) : `${container.runtime} ${container.id.slice(0, 12)}`,
    },
    {
      title: 'EXECUTABLE',
      priority: 40,
      shrinkTo: 12,
      cut: 'start',
      cell: ({ executable }) => (executable === null ? [unknown] : executable),
    },
    {
      title: 'COMMAND LINE',
      priority: 50,
      shrinkTo: 16,
      cell: ({ commandLine }) => (commandLine === null ? [unknown] : commandLine.join(' ')),
    },
  ]
}
