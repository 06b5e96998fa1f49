/** The answer to "Who gets this client?" in few words, for the place beside the question. */
import type { Contender, PacketPath, SteeredBy } from '../../../electron/contract/analysis.ts'
import { memberId } from '../../../electron/contract/model.ts'
import type { MemberEntry, MemberTable } from '../member-table.ts'
import type { Asked } from './use-path.ts'

export type Answer = {
  /** "Member 11", "another group", "nobody". */
  words: string
  /** The member of this group that it is; null where it is none. */
  member: MemberEntry | null
  /** Why, in a sentence; null where the words say it. */
  reason: string | null
}

const NO_MEMBER: Partial<Record<SteeredBy, string>> = {
  nobody: 'Nobody',
  unreachable: 'No packet arrives',
  rewritten: 'Sent elsewhere',
}

export function answerOf(asked: Asked, members: MemberTable, group: string): Answer {
  switch (asked.state) {
    case 'asking':
      return { words: '', member: null, reason: null }
    case 'wrong':
    case 'refused':
      return { words: '', member: null, reason: asked.words }
    case 'answered': {
      const { oracle } = asked.path
      const member = oracle.member ? (members.get(memberId(oracle.member)) ?? null) : null
      if (member && member.number > 0)
        return { words: `Member ${member.number.toLocaleString('en')}`, member, reason: doubtOf(asked.path) }
      if (oracle.group && oracle.group.id !== group)
        return { words: 'Not this group', member: null, reason: otherReason(asked.path) }
      return { words: NO_MEMBER[oracle.by] ?? groupWords(asked.path, group), member: null, reason: oracle.reason }
    }
  }
}

/** Where no member is named: which group it is by the rules. */
function groupWords({ oracle, winner }: PacketPath, group: string): string {
  if (oracle.by !== 'unknown' || winner === null) return 'Unknown'
  return winner.id === group ? 'This group' : 'Not this group'
}

/** Why another group gets it; null where the list of candidates says it all: who wins, and among how many. */
function otherReason(path: PacketPath): string | null {
  const { by, reason } = path.oracle
  return by === 'hash' || by === 'lone' ? doubtOf(path) : reason
}

/** By which interface the packet is taken to arrive, and why; null where a person named it, and where none arrives. */
export function arrivalOf(asked: Asked): string | null {
  if (asked.state !== 'answered') return null
  const { reach, named, reason } = asked.path.arrival
  return reach === 'local' && !named ? reason : null
}

/** What may decide before the lookup and make the answer another one; null where nothing is known to. */
function doubtOf({ oracle }: PacketPath): string | null {
  const doubts = oracle.before.filter(({ state }) => state === 'may').map(({ detail }) => detail)
  if (oracle.beside.length > 0) doubts.unshift(oracle.reason)
  return doubts.length === 0 ? null : doubts.join(' ')
}

/** Few words beside a candidate: its score and whether it won, or why it did not. */
export function outcomeWords({ outcome, score, reason, pass }: Contender): string {
  if (outcome === 'won') return score === null ? 'wins' : `${score}, wins`
  if (outcome === 'excluded') return reason.replace(/^Not for this packet: /, '').replace(/\.$/, '')
  if (outcome === 'not-reached') return 'not reached'
  return score === null ? 'loses' : `${score}${pass === 'wildcard' ? ', wildcard' : ''}, loses`
}
