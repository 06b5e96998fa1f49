/** The members table of one group, one member per row. */
import { receives } from '../../../contract/constants.ts'
import type { Group, Holder, Member } from '../../../contract/model.ts'
import { formatCount, formatUser } from '../format.ts'
import type { Column } from '../layout.ts'
import { type Line, line, span } from '../text.ts'
import { drops, holderList, queueColumns, unknown } from './cells.ts'

export function memberColumns(group: Group, options: { readonly owners: boolean }): Column<Member>[] {
  const states = new Set(group.members.map((member) => member.state))
  const silent = group.members.some(({ state }) => !receives(state))
  // With one uid for the whole group, the heading shows it.
  const users = group.uid === null
  const commands = new Map<number, string>()
  for (const holder of group.members.flatMap((member) => member.holders ?? [])) commands.set(holder.pid, holder.command)
  // Numbered as in findings, balance and the window: from 1, in the order of the snapshot.
  const numbers = new Map(group.members.map((member, at) => [member, at + 1]))
  return [
    { title: 'MEMBER', align: 'right', priority: 68, cell: (member) => formatCount(numbers.get(member) ?? 0) },
    { title: 'COOKIE', align: 'right', priority: 100, cell: ({ cookie }) => cookie ?? [unknown] },
    ...(states.size > 1 || silent ? [{ title: 'STATE', priority: 70, cell: (member: Member) => member.state }] : []),
    ...(options.owners
      ? [
          { title: 'OWNERS', priority: 90, shrinkTo: 10, cell: (member: Member) => holderList(member.holders) },
          {
            title: 'POLLED BY',
            priority: 60,
            shrinkTo: 9,
            cell: (member: Member) => pollers(member.pollers, commands),
          },
        ]
      : []),
    ...(users ? [{ title: 'USER', priority: 55, shrinkTo: 8, cell: formatUser }] : []),
    ...queueColumns<Member>('QUEUE', (member) => (member.state === 'bound' ? null : member.queue)),
    { title: 'DROPS', align: 'right', priority: 72, cell: (member) => drops(member.drops) },
    { title: 'INODE', align: 'right', priority: 20, cell: (member) => line(span(String(member.inode), 'quiet')) },
  ]
}

function pollers(pids: Member['pollers'], commands: ReadonlyMap<Holder['pid'], string>): Line {
  if (pids === null) return [unknown]
  if (pids.length === 0) return line(span('none (epoll)', 'quiet'))
  return line(
    pids
      .map((pid) => {
        const command = commands.get(pid)
        return command === undefined ? String(pid) : `${command} ${pid}`
      })
      .join(', '),
  )
}
