/** The short answer to "Who gets this client?", shown beside the form. */
import type { Contender, PacketPath, SteeredBy } from '../../../electron/contract/analysis.ts'
import { memberId } from '../../../electron/contract/model.ts'
import type { MemberEntry, MemberTable } from '../member-table.ts'
import type { Asked } from './use-path.ts'

export type Answer = {
  /** "Member 11", "Not this group", "No socket". */
  words: string
  /** The member of this group, or null. */
  member: MemberEntry | null
  /** Why, in a sentence; null if `words` suffices. */
  reason: string | null
}

const NO_MEMBER: Partial<Record<SteeredBy, string>> = {
  nobody: 'No socket',
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

/** Where no member is known: which group wins by score. */
function groupWords({ oracle, winner }: PacketPath, group: string): string {
  if (oracle.by !== 'unknown' || winner === null) return 'Unknown'
  return winner.id === group ? 'This group' : 'Not this group'
}

/** Why another group gets it; null where the list of candidates already shows it. */
function otherReason(path: PacketPath): string | null {
  const { by, reason } = path.oracle
  return by === 'hash' || by === 'lone' ? doubtOf(path) : reason
}

/** The assumed ingress interface and why; null where it was given, or where no packet arrives. */
export function arrivalOf(asked: Asked): string | null {
  if (asked.state !== 'answered') return null
  const { reach, named, reason } = asked.path.arrival
  return reach === 'local' && !named ? reason : null
}

/** What may intercept the packet before the lookup and change the answer; null if nothing is known. */
function doubtOf({ oracle }: PacketPath): string | null {
  const doubts = oracle.before.filter(({ state }) => state === 'may').map(({ detail }) => detail)
  if (oracle.beside.length > 0) doubts.unshift(oracle.reason)
  return doubts.length === 0 ? null : doubts.join(' ')
}

/** Short text beside a candidate: its score and whether it won, or why not. */
export function outcomeWords({ outcome, score, reason, pass }: Contender): string {
  if (outcome === 'won') return score === null ? 'wins' : `${score}, wins`
  if (outcome === 'excluded') return reason.replace(/^Not for this packet: /, '').replace(/\.$/, '')
  if (outcome === 'not-reached') return 'not reached'
  return score === null ? 'loses' : `${score}${pass === 'wildcard' ? ', wildcard' : ''}, loses`
}
