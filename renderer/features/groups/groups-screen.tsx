/** All groups, trouble first. */
import { useSession, useVisibleGroups } from '../../model/store/context.ts'
import { isStale } from '../../model/store/session.ts'
import { Waiting } from '../../model/waiting.tsx'
import text from '../../ui/text.module.css'
import { HiddenByFilter, NoGroups } from './empty.tsx'
import css from './groups-screen.module.css'
import { GroupsTable } from './groups-table.tsx'
import { GroupsToolbar } from './groups-toolbar.tsx'
import { PortHolders } from './port-holders.tsx'
import { VerdictLine } from './verdict-line.tsx'

export function GroupsScreen() {
  const order = useVisibleGroups()
  const complete = useSession((session) => session.complete)
  const stale = useSession(isStale)
  const known = useSession((session) => session.totals?.groups ?? 0)
  const plain = useSession((session) => session.settings?.unsharedSockets ?? false)
  return (
    <>
      <h1 className={text.hidden}>Groups</h1>
      {order.length === 0 && !complete ? (
        <Waiting />
      ) : (
        <>
          <VerdictLine />
          <GroupsToolbar />
          <div className={css.groups} data-stale={stale || undefined}>
            {order.length > 0 ? <GroupsTable order={order} /> : known === 0 && !plain ? <NoGroups /> : null}
            {order.length === 0 && <PortHolders />}
            <HiddenByFilter shown={order.length} />
          </div>
        </>
      )}
    </>
  )
}
