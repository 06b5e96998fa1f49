/** The frame with the current screen, and the dialogs. */
import { useEffect, useMemo } from 'react'
import type { HostConnection } from '../../electron/contract/hosts.ts'
import { GroupsScreen } from '../features/groups/groups-screen.tsx'
import { useSnapshotsStore } from '../features/snapshots/store.ts'
import { type HostsState, useHosts, useRootOffered } from '../model/hosts/hosts.ts'
import { hrefOf, type Route, useRoute } from '../model/route.ts'
import { hostKind } from '../model/transport/host.ts'
import { copyLink } from './address-sync.ts'
import { Frame } from './frame/frame.tsx'
import type { Later } from './later-code.ts'
import { NotLoaded } from './not-loaded.tsx'
import { useConnectDialog, useDialog, usePage, useShowRoot } from './page.tsx'
import { useLater, useLoadLater } from './use-later.ts'

export function App() {
  const route = useRoute()
  useLoadLater(route)
  const later = useLater()
  const page = usePage()
  const { saveNow } = useSnapshotsStore()
  const connect = useConnectDialog()
  const showRoot = useShowRoot()
  const near = useHosts(({ shown }) => shown === null)
  const rootOffered = useRootOffered() && near
  // The address of a window of its own leads nowhere else, and that of another host needs its connection.
  const offered = near && hostKind(document) === 'browser'
  const link = useMemo(() => (offered ? () => copyLink(page) : null), [offered, page])
  return (
    <>
      <Frame>
        {route.screen === 'groups' ? (
          <GroupsScreen />
        ) : later === null ? (
          <NotLoaded />
        ) : (
          screenOf(later, route, saveNow, link, connect, rootOffered ? showRoot : null)
        )}
      </Frame>
      {later !== null && (
        <>
          <later.HelpDialog />
          <later.Palette />
          <Connect dialog={later.ConnectDialog} />
        </>
      )}
    </>
  )
}

/** The dialog opens by itself when ssh asks something. */
function Connect({ dialog: ConnectDialog }: { dialog: Later['ConnectDialog'] }) {
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
  later: Later,
  route: Exclude<Route, { screen: 'groups' }>,
  saveNow: () => Promise<void>,
  link: (() => void) | null,
  connect: (name: string | null) => void,
  showRoot: (() => void) | null,
) {
  switch (route.screen) {
    case 'group':
      return (
        <later.GroupScreen key={route.id} id={route.id} member={route.member ?? null} save={saveNow} copyLink={link} />
      )
    case 'findings':
      return <later.FindingsScreen chosen={chosenFinding(route)} />
    case 'events':
      return <later.EventsScreen chosen={route.event ?? null} />
    case 'lab':
      return <later.LabScreen page={route.page ?? null} />
    case 'snapshots':
      return <later.SnapshotsScreen />
    case 'settings':
      return <later.SettingsScreen />
    case 'hosts':
      return <later.HostsScreen connect={connect} showRoot={showRoot} />
    case 'port':
      return (
        <later.PortScreen
          key={hrefOf(route)}
          port={route.port ?? null}
          protocol={route.protocol ?? null}
          copyLink={link}
        />
      )
    case 'permissions':
      return <later.PermissionsScreen showRoot={showRoot} />
  }
}

function chosenFinding({ finding, began }: Extract<Route, { screen: 'findings' }>) {
  if (finding === undefined) return null
  return began === undefined ? { finding } : { finding, began }
}
