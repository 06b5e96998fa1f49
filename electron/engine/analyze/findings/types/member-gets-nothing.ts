/**
 * A member was given none of the connections that came, although equal shares would have given it some: with n members,
 * one gets none of k with the probability (1 - 1/n)^k, and any of them with at most n times that. Only while what members
 * are given is counted (contract/given.ts), since a member last joined or left. Not raised for UDP, where few clients can
 * send everything, for a full queue, or for members that a program can never pick: those have findings of their own.
 */

import { picksNone, placesMissed, programDecides } from '../../../../contract/program-targets.ts'
import { text } from '../../../common/prose.ts'
import { SIGNIFICANCE_LEVEL } from '../../significance.ts'
import { show } from '../../steps/parts.ts'
import type { FindingType } from '../finding-type.ts'
import { counted, endpointName, memberNames, servingProcesses } from '../phrases.ts'
import { type GroupView, type MemberView, number } from '../rule.ts'

export default {
  importance: 80,
  tag: 'gets nothing',
  clause: 'some of its members get no connections',
  source:
    'What each member is given is counted by BPF while a screen or a command needs it. That a member got none is compared with equal shares: the probability is given.',
  steps: (facts) => [
    show(facts),
    {
      text: 'See what each member is given in ten seconds.',
      command: `reuseport-inspector balance ${facts.key.id} --for 10s`,
      cost: null,
    },
  ],
  rule: () => ({
    trigger: 'structure',
    examine(group, { now }) {
      if (group.protocol !== 'tcp' || group.sharing !== 'reuseport' || group.receiving < 2) return null
      if (group.given === null) return null
      const { total, since } = group.given
      const chance = Math.min(1, group.receiving * (1 - 1 / group.receiving) ** total)
      if (chance >= SIGNIFICANCE_LEVEL) return null
      const missed = missedByProgram(group)
      const members = group.members.filter(
        (member) => member.given === 0 && !isFull(member) && !missed.has(String(member.cookie)),
      )
      if (members.length === 0) return null
      const cause = causeOf(group)
      return {
        // A program may leave a member out on purpose.
        severity: cause === 'program' ? 'info' : 'warning',
        members: members.map(({ cookie }) => cookie),
        summary: text`${memberNames(group, members)} at ${endpointName(group)} got none of ${counted(total, 'connection')}: ${servingProcesses(group, members)}.`,
        evidence: [
          number('connections given to the group', total),
          number('members that got none', members.length),
          number('counted for', Math.round((now - since) / 1000), 's'),
          number('probability of this with equal shares', Number(chance.toPrecision(2))),
        ],
        explanation: EXPLANATIONS[cause],
        advice: ADVICE[cause],
      }
    },
  }),
} satisfies FindingType

function isFull({ length, limit }: MemberView): boolean {
  return limit !== null && length >= limit
}

/** Cookies of members that an attached program can never pick while it picks others. */
function missedByProgram(group: GroupView): Set<string | null | undefined> {
  const kernelGroups = (group.kernelGroups ?? []).filter((kernel) => !picksNone(kernel))
  return new Set(kernelGroups.flatMap((kernel) => (placesMissed(kernel) ?? []).map((place) => kernel.members[place])))
}

function causeOf({ kernelGroups, setsCpu }: GroupView): keyof typeof EXPLANATIONS {
  if (kernelGroups === undefined) return 'unknown'
  if (programDecides(kernelGroups)) return 'program'
  return setsCpu ? 'cpu' : 'unknown'
}

const EXPLANATIONS = {
  program: text`A BPF program picks the members, and it picked others for every client. That is meant where a member is being taken out of rotation.`,
  cpu: text`Members set SO_INCOMING_CPU: a connection goes to a member of the CPU that handled its first packet. No first packet was handled by the CPU of these members.`,
  unknown: text`The hash gives each member an equal share, and nothing that can be read here explains why these got none.`,
} as const
const ADVICE = {
  program: text`Compare the targets of the program with the members (show has both). If the member should serve, put its socket into the map of the program.`,
  cpu: text`Compare the CPUs of the members with those that handle the interrupts of the network card (/proc/interrupts, RPS), and spread these over all of them.`,
  unknown: text`Check which socket clients reach (path), and whether a BPF program or SO_INCOMING_CPU decides (show, as root).`,
} as const
