/** What the kernel itself holds of a group: its places, and the BPF program that decides instead of the hash. */
import type { KernelGroupSummary } from '../../../electron/contract/live.ts'
import { countOf, formatCount } from '../../ui/format.ts'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { UnknownText } from '../../ui/widgets.tsx'
import { FactPopover } from './fact-popover.tsx'
import type { GroupState } from './watch-group.ts'

/** "8 of 128 places"; nothing where there is no kernel group. */
export function PlacesFact({ groups }: { groups: readonly KernelGroupSummary[] }) {
  const [first, ...more] = groups
  if (first === undefined) return null
  const notes = [
    ...(first.halfOpen ? [`${formatCount(first.halfOpen)} half-open`] : []),
    ...(first.closed > 0 ? [`${formatCount(first.closed)} in the closed section`] : []),
    ...(more.length > 0 ? [`and ${countOf(more.length, 'more group')} with this key`] : []),
  ]
  return (
    <span title="The kernel's own group, struct sock_reuseport: members in its array, and the size of that. It doubles as needed, up to 32,768.">
      {formatCount(first.members)} of {formatCount(first.maxSocks)} places{' '}
      {notes.length > 0 && <span className={text.quiet}>{notes.join(', ')}</span>}
    </span>
  )
}

const DECIDES = 'It chooses the member for each client. Where its result is not valid, the hash does.'
const PICKS_NONE =
  'No result of it is a member of the group, so the hash chooses for every client that it does not drop.'

/** `picks`: whether one member is picked; at a multicast address each gets a copy. */
export function ProgramFact({ kernel, picks }: { kernel: GroupState['kernel']; picks: boolean }) {
  const groups = kernel?.groups
  if (groups === null || groups === undefined) {
    const cause = kernel?.unknownBecause ?? 'the group was not read by BPF'
    return (
      <UnknownText
        why={`An attached program would choose instead of the hash. Unknown because ${visibleText(cause)}.`}
      />
    )
  }
  const programs = groups.flatMap(({ program }) => (program === null ? [] : [program]))
  const [first] = programs
  if (first === undefined) {
    return <>none {picks && <span className={text.quiet}>the hash decides</span>}</>
  }
  const decides = groups.some(({ decides }) => decides)
  return (
    <>
      <FactPopover short={visibleText((first[0] ?? '').replace(/ \(.*/, ''))} title="BPF program">
        <p>{decides ? DECIDES : PICKS_NONE}</p>
        {programs.flat().map((line) => (
          <p key={line} className={text.mono}>
            {visibleText(line)}
          </p>
        ))}
      </FactPopover>
      {!decides && picks && <span className={text.quiet}> picks no member: the hash decides</span>}
    </>
  )
}
