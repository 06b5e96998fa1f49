/** The kernel's own groups on the page of a group: one fact with its sentences for each thing that it holds. */
import type { KernelGroup } from '../../../contract/kernel-group.ts'
import { programLines } from '../../../contract/kernel-group-text.ts'
import type { Group } from '../../../contract/model.ts'
import { getsCopies } from '../../../contract/multicast.ts'
import { picksNone } from '../../../contract/program-targets.ts'
import { formatCount, pluralize } from '../format.ts'

export type Fact = { readonly name: string; readonly texts: readonly string[] }

/** include/net/sock_reuseport.h: `socks[]` starts with 128 places and doubles, in a u16. */
const MAX_SOCKS = 32_768

/** Empty where they are unknown. */
export function kernelFacts(group: Pick<Group, 'kernelGroups' | 'members' | 'protocol' | 'address'>): Fact[] {
  const { kernelGroups, members } = group
  if (kernelGroups === undefined) return []
  if (kernelGroups.length === 0)
    return [{ name: 'Kernel group', texts: [members.length === 1 ? 'none' : 'none: these sockets are in no group'] }]
  const numbers = new Map(members.map(({ cookie }, at) => [cookie, at + 1]))
  const nameOf = (cookie: string) => {
    const number = numbers.get(cookie)
    return number === undefined ? `socket ${cookie}` : `member ${number}`
  }
  const several = kernelGroups.length > 1
  // Nothing is picked where there is one, or where each gets a copy.
  const picks = !getsCopies(group)
  const withoutProgram = ({ members }: KernelGroup) =>
    picks && members.length > 1 ? 'none: the hash picks the member' : 'none'
  const programTexts = (group: KernelGroup) => {
    const lines = programLines(group, nameOf)
    if (lines === null) return [withoutProgram(group)]
    if (!picks || !picksNone(group)) return lines
    const whom = group.program?.kind === 'extended' ? ' for every client that it does not drop' : ''
    return [...lines, `No result of it is a member, so the hash picks${whom}.`]
  }
  return kernelGroups.flatMap((group) => [
    { name: 'Kernel group', texts: describeGroup(group, several) },
    { name: 'Program', texts: programTexts(group) },
  ])
}

function describeGroup(
  { id, members, closed, maxSocks, bindInany, hasConns }: KernelGroup,
  several: boolean,
): string[] {
  const room = `room for ${formatCount(maxSocks)} in socks[], at most ${formatCount(MAX_SOCKS)}`
  return [
    `${several ? `number ${id}, one of several: ` : ''}${pluralize(members.length, 'member')}; ${room}`,
    ...(closed.length > 0 ? [`${pluralize(closed.length, 'listener')} in the closed section`] : []),
    ...(bindInany ? ['bound to a wildcard address (bind_inany)'] : []),
    ...(hasConns ? ['a member has been connected (has_conns): the lookup also compares remote addresses'] : []),
  ]
}
