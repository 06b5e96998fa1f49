/** The members table of one group, one member per row. */
import { receives } from '../../../contract/constants.ts'
import { formatWait } from '../../../contract/format.ts'
import type { MemberGiven } from '../../../contract/given.ts'
import type { KernelGroup } from '../../../contract/kernel-group.ts'
import type { Group, Holder, Member } from '../../../contract/model.ts'
import { getsCopies } from '../../../contract/multicast.ts'
import { programDecides } from '../../../contract/program-targets.ts'
import { formatCount, formatUser } from '../format.ts'
import type { Column } from '../layout.ts'
import { type Line, line, span } from '../text.ts'
import { drops, holderList, queueColumns, rate, unknown } from './cells.ts'

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
    ...kernelColumns(group.kernelGroups ?? []),
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
    ...givenColumns(group),
    { title: 'DROPS', align: 'right', priority: 72, cell: (member) => drops(member.drops) },
    { title: 'INODE', align: 'right', priority: 20, cell: (member) => line(span(String(member.inode), 'quiet')) },
  ]
}

/** What each member is given, and its share, where that is counted. */
function givenColumns(group: Group): Column<Member>[] {
  const { given: all, members, protocol, sharing, kernelGroups = [] } = group
  // Nothing is expected of a program, nor where the newest or each of them receives.
  const hashed = sharing === 'reuseport' && !getsCopies(group) && !programDecides(kernelGroups)
  const receiving = members.filter(({ state }) => receives(state)).length
  const expected = ({ state }: Member) => (hashed && receives(state) ? `${(100 / receiving).toFixed(1)}%` : '–')
  if (!members.some(({ given }) => given !== undefined)) return []
  const share = ({ given }: Member) =>
    given === undefined || all === undefined || all.sample === 0
      ? '–'
      : `${((100 * given.sample) / all.sample).toFixed(1)}%`
  const cell = (of: (given: MemberGiven) => Line) => (member: Member) =>
    member.given === undefined ? line(span('–', 'quiet')) : of(member.given)
  return [
    { title: 'GIVEN', align: 'right', priority: 71, cell: cell(({ count }) => line(formatCount(count))) },
    { title: 'SHARE', align: 'right', priority: 66, cell: share },
    { title: 'EXPECTED', align: 'right', priority: 45, cell: expected },
    { title: 'GIVEN/S', align: 'right', priority: 69, cell: cell(({ perSecond }) => rate(perSecond)) },
    ...(protocol === 'tcp'
      ? [
          {
            title: 'ACCEPTED/S',
            align: 'right' as const,
            priority: 58,
            cell: cell(({ acceptedPerSecond }) => rate(acceptedPerSecond)),
          },
          { title: 'MEAN WAIT', align: 'right' as const, priority: 40, cell: cell(waitOf) },
        ]
      : []),
  ]
}

/** By Little's law. */
function waitOf({ meanWaitMs }: MemberGiven): Line {
  if (meanWaitMs === null) return [unknown]
  return line(formatWait(meanWaitMs))
}

/** By cookie: the place in `socks[]`, with the number of the kernel group where there are several. */
export function placesOf(groups: readonly KernelGroup[]): Map<string | null, { slot: string; halfOpen: number }> {
  const places = new Map<string | null, { slot: string; halfOpen: number }>()
  for (const { id, members, halfOpen } of groups) {
    for (const [at, cookie] of members.entries())
      places.set(cookie, { slot: groups.length > 1 ? `${id}:${at}` : String(at), halfOpen: halfOpen?.[at] ?? 0 })
  }
  return places
}

/** The member's place in `socks[]`, and its requests whose handshake is not complete. */
function kernelColumns(groups: readonly KernelGroup[]): Column<Member>[] {
  const places = placesOf(groups)
  if (places.size === 0) return []
  const place = ({ cookie }: Member) => (cookie === null ? undefined : places.get(cookie))
  const some = [...places.values()].some(({ halfOpen }) => halfOpen > 0)
  return [
    { title: 'SLOT', align: 'right', priority: 50, cell: (member) => place(member)?.slot ?? '–' },
    ...(some
      ? [
          {
            title: 'HALF-OPEN',
            align: 'right' as const,
            priority: 65,
            cell: (member: Member) => formatCount(place(member)?.halfOpen ?? 0),
          },
        ]
      : []),
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
