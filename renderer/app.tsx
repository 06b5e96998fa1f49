/** Which screen stands in the frame. */
import { useRoute } from './route.ts'

export function App() {
  const route = useRoute()
  switch (route.screen) {
    case 'group':
      return <main>{route.id}</main>
    default:
      return <main>Groups</main>
  }
}
