/** The frame with the current screen, and the dialogs. */
import { useEffect, useMemo } from 'react'
import type { HostConnection } from '../../electron/contract/hosts.ts'
import { EventsScreen } from '../features/events/events-screen.tsx'
import { FindingsScreen } from '../features/findings/findings-screen.tsx'
import { GroupScreen } from '../features/group/group-screen.tsx'
import { GroupsScreen } from '../features/groups/groups-screen.tsx'
import { ConnectDialog } from '../features/hosts/connect-dialog.tsx'
import { HostsScreen } from '../features/hosts/hosts-screen.tsx'
import { LabScreen } from '../features/lab/lab-screen.tsx'
import { PermissionsScreen } from '../features/permissions/permissions-screen.tsx'
import { PortScreen } from '../features/port/port-screen.tsx'
import { SettingsScreen } from '../features/settings/settings-screen.tsx'
import { SnapshotsScreen } from '../features/snapshots/snapshots-screen.tsx'
import { useSnapshotsStore } from '../features/snapshots/store.ts'
import { type HostsState, useHosts } from '../model/hosts/hosts.ts'
import { hrefOf, type Route, useRoute } from '../model/route.ts'
import { hostKind } from '../model/transport/host.ts'
import { copyLink } from './address-sync.ts'
import { Frame } from './frame/frame.tsx'
import { HelpDialog } from './help-dialog.tsx'
import { useConnectDialog, useDialog, usePage } from './page.tsx'
import { Palette } from './palette/palette.tsx'

export function App() {
  const route = useRoute()
  const page = usePage()
  const { saveNow } = useSnapshotsStore()
  const connect = useConnectDialog()
  const near = useHosts(({ shown }) => shown === null)
  // The address of a window of its own leads nowhere else, and that of another host needs its connection.
  const offered = near && hostKind(document) === 'browser'
  const link = useMemo(() => (offered ? () => copyLink(page) : null), [offered, page])
  return (
    <>
      <Frame>{screenOf(route, saveNow, link, connect)}</Frame>
      <HelpDialog />
      <Palette />
      <Connect />
    </>
  )
}

/** The dialog opens by itself when ssh asks something. */
function Connect() {
  const [open, setOpen] = useDialog('connect')
  const connect = useConnectDialog()
  const asking = useHosts(askingHost)
  useEffect(() => {
    if (asking !== null) connect(asking)
  }, [asking, connect])
  return <ConnectDialog open={open} setOpen={setOpen} />
}

function askingHost({ connections }: HostsState): string | null {
  const asks = ({ state }: HostConnection) => state.phase === 'connecting' && state.question !== null
  return connections.find(asks)?.name ?? null
}

function screenOf(
  route: Route,
  saveNow: () => Promise<void>,
  link: (() => void) | null,
  connect: (name: string | null) => void,
) {
  switch (route.screen) {
    case 'group':
      return <GroupScreen key={route.id} id={route.id} member={route.member ?? null} save={saveNow} copyLink={link} />
    case 'findings':
      return <FindingsScreen chosen={route.finding ?? null} />
    case 'events':
      return <EventsScreen chosen={route.event ?? null} />
    case 'lab':
      return <LabScreen page={route.page ?? null} />
    case 'snapshots':
      return <SnapshotsScreen />
    case 'settings':
      return <SettingsScreen />
    case 'hosts':
      return <HostsScreen connect={connect} />
    case 'port':
      return (
        <PortScreen key={hrefOf(route)} port={route.port ?? null} protocol={route.protocol ?? null} copyLink={link} />
      )
    case 'permissions':
      return <PermissionsScreen />
    default:
      return <GroupsScreen />
  }
}
