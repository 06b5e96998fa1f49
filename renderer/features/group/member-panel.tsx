/** The chosen member beside the group, until it is closed: everything in it can be copied. */
import type { ReactNode } from 'react'
import type { GroupRow } from '../../../electron/contract/live.ts'
import { CommandLine, CopyIcon } from '../../ui/copying.tsx'
import { formatClock, formatCount, formatSpan } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Name } from '../../ui/name.tsx'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { Button, UnknownText } from '../../ui/widgets.tsx'
import { memberCommands } from './member-commands.ts'
import type { MemberEntry } from './member-entry.ts'
import { DropsFact, QueueFact } from './member-facts.tsx'
import { ownerText } from './member-owner.ts'
import css from './member-panel.module.css'
import { useProcess } from './process-details.ts'
import { useMember } from './use-group.ts'
import { isFullMember } from './utilization.ts'
import type { GroupWatch } from './watch-group.ts'

export function MemberPanel(props: { watch: GroupWatch; row: GroupRow; entry: MemberEntry; close: () => void }) {
  const { watch, row: group, entry, close } = props
  useMember(watch.members, entry)
  const { row, owner } = entry
  const process = useProcess(watch.processes, owner?.pid ?? null)
  const service = process?.container ? `${process.container.runtime} ${process.container.id}` : process?.unit
  const startedAt = owner?.startedAt ? Date.parse(owner.startedAt) : null
  const full = isFullMember(row)
  return (
    <aside className={css.panel} aria-label="Chosen member">
      <header>
        {full && <Sign name="critical" label="full" />}
        <h2>Member {formatCount(entry.number)}</h2>
        {entry.presence === 'gone' && <span className={text.quiet}>closed</span>}
        <Button look="quiet" aria-label="Close the chosen member" onPress={close}>
          <Icon name="close" />
        </Button>
      </header>
      <dl>
        <Row name={owner?.how === 'polls' ? 'Polled by' : 'Held by'} copy={owner === null ? null : String(owner.pid)}>
          {owner === null ? <UnknownText /> : ownerText(owner)}
          {owner !== null && owner.others > 0 && <span className={text.quiet}> and {owner.others} more</span>}
        </Row>
        {service && (
          <Row name="Service" copy={service}>
            <Name>{service}</Name>
          </Row>
        )}
        <Row name="Cookie" copy={row.cookie}>
          {row.cookie === null ? <UnknownText /> : <span className={text.mono}>{row.cookie}</span>}
        </Row>
        <Row name="Inode" copy={String(row.inode)}>
          <span className={text.mono}>{row.inode}</span>
        </Row>
        <Row name="User">
          {row.user !== null && <Name>{row.user}</Name>} <span className={text.quiet}>uid {row.uid}</span>
        </Row>
        <Row name="Options">
          {optionsText(row) ?? <UnknownText why="They are read from the process that holds it" />}
        </Row>
        <Row name="Queue">
          <QueueFact row={row} />
        </Row>
        <Row name="Drops">
          <DropsFact row={row} />
        </Row>
        {startedAt !== null && (
          <Row name="Started">
            <span title={new Date(startedAt).toString()}>
              {formatClock(startedAt)}, {formatSpan(watch.state.getState().takenAt - startedAt)} before
            </span>
          </Row>
        )}
      </dl>
      {process?.commandLine && (
        <>
          <h3>Command line</h3>
          <CommandLine command={process.commandLine.join(' ')} what="the command line" />
        </>
      )}
      <h3>Commands</h3>
      {memberCommands(group, owner?.pid ?? null).map((command) => (
        <CommandLine key={command} command={command} />
      ))}
      <p className={text.quiet}>These only look. strace slows its process down while it runs.</p>
    </aside>
  )
}

function Row({ name, copy = null, children }: { name: string; copy?: string | null; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <span>{children}</span>
        {copy !== null && <CopyIcon text={copy} what={`${name.toLowerCase()} ${copy}`} />}
      </dd>
    </>
  )
}

/** "SO_REUSEPORT, SO_REUSEADDR"; null where they could not be read. */
function optionsText({ reuseport, reuseaddr }: MemberEntry['row']): string | null {
  if (reuseport === null && reuseaddr === null) return null
  const set = [reuseport === true && 'SO_REUSEPORT', reuseaddr === true && 'SO_REUSEADDR'].filter(
    (name) => name !== false,
  )
  return set.length === 0 ? 'none of SO_REUSEPORT, SO_REUSEADDR' : set.join(', ')
}
