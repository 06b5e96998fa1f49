/** In place of a screen that shows only the live machine, while a snapshot or a recording is shown. */
import type { ReactNode } from 'react'
import { Icon, type IconName } from '../ui/icon.tsx'
import { Pane } from '../ui/pane.tsx'
import { Button } from '../ui/widgets.tsx'
import { usePageStore } from './store/context.ts'

export function NotLive({ icon, title, children }: { icon: IconName; title: string; children: ReactNode }) {
  const { source } = usePageStore()
  return (
    <Pane icon={<Icon name={icon} />} title={title} ways={<Button onPress={source.showLive}>Back to live</Button>}>
      {children}
    </Pane>
  )
}
