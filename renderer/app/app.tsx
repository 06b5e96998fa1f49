/** The frame with the current screen, and the dialogs. */
import { useMemo } from 'react'
import { FindingsScreen } from '../features/findings/findings-screen.tsx'
import { GroupScreen } from '../features/group/group-screen.tsx'
import { GroupsScreen } from '../features/groups/groups-screen.tsx'
import { LabScreen } from '../features/lab/lab-screen.tsx'
import { PermissionsScreen } from '../features/permissions/permissions-screen.tsx'
import { SettingsScreen } from '../features/settings/settings-screen.tsx'
import { SnapshotsScreen } from '../features/snapshots/snapshots-screen.tsx'
import { useSnapshotsStore } from '../features/snapshots/store.ts'
import { type Route, useRoute } from '../model/route.ts'
import { hostKind } from '../model/transport/host.ts'
import { copyLink } from './address-sync.ts'
import { Frame } from './frame/frame.tsx'
import { HelpDialog } from './help-dialog.tsx'
import { usePage } from './page.tsx'
import { Palette } from './palette/palette.tsx'

export function App() {
  const route = useRoute()
  const page = usePage()
  const { saveNow } = useSnapshotsStore()
  // The address of a window of its own leads nowhere else.
  const link = useMemo(() => (hostKind(document) === 'browser' ? () => copyLink(page) : null), [page])
  return (
    <>
      <Frame>{screenOf(route, saveNow, link)}</Frame>
      <HelpDialog />
      <Palette />
    </>
  )
}

function screenOf(route: Route, saveNow: () => Promise<void>, link: (() => void) | null) {
  switch (route.screen) {
    case 'group':
      return <GroupScreen key={route.id} id={route.id} member={route.member ?? null} save={saveNow} copyLink={link} />
    case 'findings':
      return <FindingsScreen chosen={route.finding ?? null} />
    case 'lab':
      return <LabScreen page={route.page ?? null} />
    case 'snapshots':
      return <SnapshotsScreen />
    case 'settings':
      return <SettingsScreen />
    case 'permissions':
      return <PermissionsScreen />
    default:
      return <GroupsScreen />
  }
}
