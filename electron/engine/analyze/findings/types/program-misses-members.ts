/**
 * The BPF program attached to a group can never pick some of its members: a classic program returns only smaller
 * numbers, or no key of an extended program's socket arrays holds them. So it is after a restarted server joined the
 * group of an older program. Not raised where the program cannot be read, or where its targets cannot be known.
 */

import { mayFallBack, placesMissed } from '../../../../contract/program-targets.ts'
import { type Text, text } from '../../../common/prose.ts'
import { show } from '../../steps/parts.ts'
import type { FindingType } from '../finding-type.ts'
import { counted, endpointName, memberNames, servingProcesses } from '../phrases.ts'
import { number } from '../rule.ts'

export default {
  importance: 90,
  tag: 'program misses',
  clause: 'its BPF program can never pick some of its members',
  source:
    'The program, its maps and the order of the members are read from the kernel by BPF. A classic program is run for every number that it may return; of an extended one, the sockets in its socket arrays count as its targets.',
  recipe: 'program-steers',
  steps: (facts) => [show(facts)],
  rule: () => ({
    trigger: 'structure',
    // While a server restarts, it fills the map of its program after its sockets have joined.
    debounce: { hits: 2, of: 2, clearAfter: 2 },
    examine(group) {
      for (const kernel of group.kernelGroups ?? []) {
        const places = placesMissed(kernel) ?? []
        if (places.length === 0 || kernel.program === null) continue
        const cookies = new Set(places.map((place) => kernel.members[place] ?? null))
        const members = group.members.filter(({ cookie }) => cookies.has(String(cookie)))
        if (members.length === 0) continue
        const one = members.length === 1
        const extended = kernel.program.kind === 'extended'
        const none = places.length === kernel.members.length
        return {
          severity: 'warning',
          members: members.map(({ cookie }) => cookie),
          summary: none
            ? text`The BPF program at ${endpointName(group)} can pick none of its ${counted(group.receiving, 'member')}.`
            : text`The BPF program at ${endpointName(group)} can never pick ${counted(members.length, 'member')} of ${group.receiving}: ${servingProcesses(group, members)}.`,
          evidence: [
            number('members that the program can pick', kernel.members.length - places.length),
            number('members of the kernel group', kernel.members.length),
          ],
          explanation: none
            ? nonePicked(extended)
            : text`${memberNames(group, members)} ${one ? text`is` : text`are`} in the group, but ${extended ? text`under no key of the socket arrays that the program uses` : text`at ${one ? text`a place` : text`places`} of socks[] that the program never returns`}. ${remainder(mayFallBack(kernel), one)}`,
          advice: extended
            ? text`Put every new socket into the map of the program before old ones are removed, or load the program again with the new sockets.`
            : text`Attach the program again with the present number of members (SO_ATTACH_REUSEPORT_CBPF replaces it), or detach it (SO_DETACH_REUSEPORT_BPF) to return to the hash.`,
        }
      }
      return null
    },
  }),
} satisfies FindingType

/** Why none can be picked, and who serves the clients then. */
function nonePicked(extended: boolean): Text {
  return extended
    ? text`No key of the socket arrays that the program uses holds a member. The hash serves every client that the program does not drop.`
    : text`The program never returns a place of socks[] that a member has. The hash serves every client.`
}

/** What they get all the same. */
function remainder(fallback: boolean | null, one: boolean): Text {
  const who = one ? text`It gets` : text`They get`
  if (fallback === false) return text`${who} nothing.`
  return text`${who} at most a share of the clients for which the program picks none, when the kernel falls back to the hash.`
}
