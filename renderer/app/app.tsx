/** The frame with the current screen, and the dialogs. */
import { FindingsScreen } from '../features/findings/findings-screen.tsx'
import { GroupScreen } from '../features/group/group-screen.tsx'
import { GroupsScreen } from '../features/groups/groups-screen.tsx'
import { LabScreen } from '../features/lab/lab-screen.tsx'
import { PermissionsScreen } from '../features/permissions/permissions-screen.tsx'
import { SettingsScreen } from '../features/settings/settings-screen.tsx'
import { SnapshotsScreen } from '../features/snapshots/snapshots-screen.tsx'
import { useSnapshotsStore } from '../features/snapshots/store.ts'
import { type Route, useRoute } from '../model/route.ts'
import { Frame } from './frame/frame.tsx'
import { HelpDialog } from './help-dialog.tsx'
import { Palette } from './palette/palette.tsx'

export function App() {
  const route = useRoute()
  const { saveNow } = useSnapshotsStore()
  return (
    <>
      <Frame>{screenOf(route, saveNow)}</Frame>
      <HelpDialog />
      <Palette />
    </>
  )
}

function screenOf(route: Route, saveNow: () => Promise<void>) {
  switch (route.screen) {
    case 'group':
      return <GroupScreen key={route.id} id={route.id} save={saveNow} />
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
