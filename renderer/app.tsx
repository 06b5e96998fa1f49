/** Which screen stands in the frame. */
import { GroupScreen } from './group/group-screen.tsx'
import { useRoute } from './route.ts'

export function App() {
  const route = useRoute()
  switch (route.screen) {
    case 'group':
      return (
        <main>
          <GroupScreen key={route.id} id={route.id} />
        </main>
      )
    default:
      return <main>Groups</main>
  }
}
