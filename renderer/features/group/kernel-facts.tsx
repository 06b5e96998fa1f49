/** What the kernel itself holds of a group: its places, and the BPF program that decides instead of the hash. */
import { useId } from 'react'
import { DialogTrigger, Popover } from 'react-aria-components'
import type { KernelGroupSummary } from '../../../electron/contract/live.ts'
import { countOf, formatCount } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Button, UnknownText } from '../../ui/widgets.tsx'
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
      {notes.length > 0 && <span className="quiet-text">{notes.join(', ')}</span>}
    </span>
  )
}

export function ProgramFact({ kernel }: { kernel: GroupState['kernel'] }) {
  const groups = kernel?.groups
  if (groups === null || groups === undefined) {
    const cause = kernel?.unknownBecause ?? 'the group was not read by BPF'
    return <UnknownText why={`An attached program would choose instead of the hash. Unknown because ${cause}.`} />
  }
  const programs = groups.flatMap(({ program }) => (program === null ? [] : [program]))
  const [first] = programs
  if (first === undefined) {
    return (
      <>
        none <span className="quiet-text">the hash decides</span>
      </>
    )
  }
  return <ProgramPopover label={(first[0] ?? '').replace(/ \(.*/, '')} lines={programs.flat()} />
}

function ProgramPopover({ label, lines }: { label: string; lines: readonly string[] }) {
  const title = useId()
  return (
    <DialogTrigger>
      <Button look="quiet" className="fact-more">
        {label}
        <Icon name="down" />
      </Button>
      <Popover className="float evidence-card" placement="bottom start" aria-labelledby={title}>
        <h2 id={title}>BPF program</h2>
        <p>It chooses the member for each client. Where its result is not valid, the hash does.</p>
        {lines.map((line) => (
          <p key={line} className="mono">
            {line}
          </p>
        ))}
      </Popover>
    </DialogTrigger>
  )
}
