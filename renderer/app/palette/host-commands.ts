/** The palette's commands for other hosts; none where they are not offered. */
import { goTo } from '../../model/route.ts'
import { visibleText } from '../../ui/visible-text.ts'
import type { Page } from '../page.tsx'
import type { Command } from './commands.ts'

export function hostCommands({ hosts, dialogs }: Pick<Page, 'hosts' | 'dialogs'>): Command[] {
  const { client, shown, stores } = hosts.state.getState()
  if (client === null) return []
  const others = [null, ...stores.keys()].filter((name) => name !== shown)
  return [
    {
      id: 'connect',
      often: true,
      name: 'Connect to a host',
      aside: '',
      icon: 'machine',
      run: () => {
        hosts.choose(null)
        setTimeout(() => dialogs.setState({ open: 'connect' }))
      },
    },
    {
      id: 'hosts',
      often: true,
      name: 'All hosts',
      aside: '',
      icon: 'hosts',
      run: () => goTo({ screen: 'hosts' }),
    },
    ...others.map(
      (name): Command => ({
        id: `show ${name ?? ''}`,
        often: true,
        name: name === null ? 'Show this machine' : `Show ${visibleText(name)}`,
        aside: '',
        icon: 'machine',
        run: () => hosts.show(name),
      }),
    ),
  ]
}
