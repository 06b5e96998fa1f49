/** In place of a screen whose code is not there yet, or could not be loaded. */
import { useStore } from 'zustand'
import { FailedPane } from '../ui/failed-pane.tsx'
import { Button } from '../ui/widgets.tsx'
import { useLaterCode } from './use-later.ts'

export function NotLoaded() {
  const { state, load } = useLaterCode()
  const failed = useStore(state, ({ failed }) => failed)
  if (!failed) return null
  return (
    <FailedPane
      title="This screen could not be loaded"
      problem={{
        operation: 'load this screen',
        cause: 'its file did not arrive: the server has exited, or another version of it runs now',
        hint: 'Reload the page once the server runs.',
      }}
      again={load}
    >
      <Button onPress={() => window.location.reload()}>Reload the page</Button>
    </FailedPane>
  )
}
