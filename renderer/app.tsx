/** Which screen stands in the frame. */
import { Frame } from './frame/frame.tsx'
import { GroupsScreen } from './groups/groups-screen.tsx'
import { useRoute } from './route.ts'

export function App() {
  const route = useRoute()
  return <Frame>{route.screen === 'groups' && <GroupsScreen />}</Frame>
}
