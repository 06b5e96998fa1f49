/** All groups, trouble first. */
import { useSyncExternalStore } from 'react'
import { Waiting } from '../states/waiting.tsx'
import { isStale, useSession } from '../store/session.ts'
import { groupView } from '../store/view.ts'
import { Filtered, NothingShared } from './empty.tsx'
import './groups.css'
import { GroupsTable } from './groups-table.tsx'
import { PortHolders } from './port-holders.tsx'
import { VerdictLine } from './verdict-line.tsx'

export function GroupsScreen() {
  const order = useSyncExternalStore(groupView.subscribe, () => groupView.order)
  const complete = useSession((session) => session.complete)
  const stale = useSession(isStale)
  const known = useSession((session) => session.totals?.groups ?? 0)
  const plain = useSession((session) => session.settings?.plainSockets ?? false)
  return (
    <>
      <h1 className="hidden-text">Groups</h1>
      {order.length === 0 && !complete ? (
        <Waiting />
      ) : (
        <>
          <VerdictLine />
          <div className={stale ? 'groups stale' : 'groups'}>
            {order.length > 0 ? <GroupsTable order={order} /> : known === 0 && !plain ? <NothingShared /> : null}
            {order.length === 0 && <PortHolders />}
            <Filtered shown={order.length} />
          </div>
        </>
      )}
    </>
  )
}
