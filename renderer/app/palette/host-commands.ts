/** The palette's commands for other hosts; none where they are not offered. */
import { ROOT_HERE } from '../../../electron/contract/constants.ts'
import { goTo } from '../../model/route.ts'
import { visibleText } from '../../ui/visible-text.ts'
import { type Page, showRoot } from '../page.tsx'
import type { Command } from './command.ts'

export function hostCommands({ hosts, dialogs }: Pick<Page, 'hosts' | 'dialogs'>): Command[] {
  const { client, shown, stores } = hosts.state.getState()
  const uid = hosts.near.session.getState().machine?.host.uid ?? 0
  if (client === null) return []
  const others = [null, ...stores.keys()].filter((name) => name !== shown && name !== ROOT_HERE)
  const root: Command = {
    id: 'root',
    often: true,
    name: 'Show what root sees',
    aside: 'this machine',
    icon: 'lock',
    run: () => setTimeout(() => showRoot({ hosts, dialogs })),
  }
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
    ...(uid === 0 || shown === ROOT_HERE ? [] : [root]),
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
