/** The short answer to "Who gets this client?", shown beside the form. */
import type { Candidate, PacketPath, SteeredBy } from '../../../../electron/contract/analysis.ts'
import { memberId } from '../../../../electron/contract/ids.ts'
import { formatCount } from '../../../ui/format.ts'
import type { MemberEntry } from '../member-entry.ts'
import type { MemberTable } from '../member-table.ts'
import type { PathQuery } from './use-path.ts'

export type Answer = {
  /** "Member 11", "Not this group", "No socket". */
  words: string
  /** The member of this group, or null. */
  member: MemberEntry | null
  /** Why, in a sentence; null if `words` suffices. */
  reason: string | null
}

const NO_MEMBER: Partial<Record<SteeredBy, string>> = {
  none: 'No socket',
  unreachable: 'No packet arrives',
  redirected: 'Sent elsewhere',
}

export function answerOf(asked: PathQuery, members: Pick<MemberTable, 'get'>, group: string): Answer {
  switch (asked.state) {
    case 'asking':
      return { words: '', member: null, reason: null }
    case 'wrong':
    case 'refused':
      return { words: '', member: null, reason: asked.words }
    case 'answered': {
      const { lookup } = asked.path
      const member = lookup.member ? (members.get(memberId(lookup.member)) ?? null) : null
      if (member && member.number > 0) {
        return { words: `Member ${formatCount(member.number)}`, member, reason: caveatOf(asked.path) }
      }
      if (lookup.group && lookup.group.id !== group)
        return { words: 'Not this group', member: null, reason: otherReason(asked.path) }
      if (lookup.steeredBy === 'program') return { words: 'Its program decides', member: null, reason: lookup.reason }
      return { words: NO_MEMBER[lookup.steeredBy] ?? groupText(asked.path, group), member: null, reason: lookup.reason }
    }
  }
}

/** Where no member is known: which group wins by score. */
function groupText({ lookup, winner }: PacketPath, group: string): string {
  if (lookup.steeredBy !== 'unknown' || winner === null) return 'Unknown'
  return winner.id === group ? 'This group' : 'Not this group'
}

/** Why another group gets it; null where the list of candidates already shows it. */
function otherReason(path: PacketPath): string | null {
  const { steeredBy, reason } = path.lookup
  return steeredBy === 'hash' || steeredBy === 'single' ? caveatOf(path) : reason
}

/** The assumed ingress interface and why; null where it was given, or where no packet arrives. */
export function arrivalOf(asked: PathQuery): string | null {
  if (asked.state !== 'answered') return null
  const { reach, interfaceGiven, reason } = asked.path.arrival
  return reach === 'local' && !interfaceGiven ? reason : null
}

/** What may intercept the packet before the lookup and change the answer; null if nothing is known. */
function caveatOf({ lookup }: PacketPath): string | null {
  const doubts = lookup.steeredBy === 'program' ? [lookup.reason] : []
  doubts.push(...lookup.beforeLookup.filter(({ state }) => state === 'possible').map(({ detail }) => detail))
  if (lookup.otherSockets.length > 0) doubts.unshift(lookup.reason)
  return doubts.length === 0 ? null : doubts.join(' ')
}

/** Short text beside a candidate: its score and whether it won, or why not. */
export function outcomeText({ outcome, score, reason, pass }: Candidate): string {
  if (outcome === 'won') return score === null ? 'wins' : `${score}, wins`
  if (outcome === 'excluded') return reason.replace(/^Not for this packet: /, '').replace(/\.$/, '')
  if (outcome === 'not-reached') return 'not reached'
  return score === null ? 'loses' : `${score}${pass === 'wildcard' ? ', wildcard' : ''}, loses`
}
