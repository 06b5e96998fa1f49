/** The frame with the current screen, and the dialogs. */
import { FindingsScreen } from './findings/findings-screen.tsx'
import { Frame } from './frame/frame.tsx'
import { GroupScreen } from './group/group-screen.tsx'
import { GroupsScreen } from './groups/groups-screen.tsx'
import { HelpDialog } from './help/help-dialog.tsx'
import { LabScreen } from './lab/lab-screen.tsx'
import { Palette } from './palette/palette.tsx'
import { PermissionsScreen } from './permissions/permissions-screen.tsx'
import { type Route, useRoute } from './route.ts'
import { SettingsScreen } from './settings/settings-screen.tsx'
import { SnapshotsScreen } from './snapshots/snapshots-screen.tsx'

export function App() {
  const route = useRoute()
  return (
    <>
      <Frame>{screenOf(route)}</Frame>
      <HelpDialog />
      <Palette />
    </>
  )
}

function screenOf(route: Route) {
  switch (route.screen) {
    case 'group':
      return <GroupScreen key={route.id} id={route.id} />
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
