/** What is over every screen: dialogs, menus, completion. */
import { exampleMachine } from '../../doubles/machine.ts'
import { type Entry, press, screen } from '../entry.tsx'

const groups = () => ({
  route: { screen: 'groups' } as const,
  engine: exampleMachine(),
  loaded: 'One group is in trouble.',
})

export const frame: readonly Entry[] = [
  screen('frame/help', 'Plain words match any column.', () => ({
    ...groups(),
    act: ({ dialogs }) => dialogs.setState({ open: 'help' }),
  })),
  screen('frame/palette', 'Save snapshot', () => ({
    ...groups(),
    act: ({ dialogs }) => dialogs.setState({ open: 'palette' }),
  })),
  screen('frame/namespaces', 'the engine runs here', () => ({ ...groups(), act: () => press('All namespaces') })),
  screen('frame/intervals', '0.25 s', () => ({ ...groups(), act: () => press('Refresh interval') })),
  screen('frame/paused', 'Resume', () => ({
    ...groups(),
    act: ({ store }) => void store.engine.setPaused(true),
  })),
  screen('frame/completion', 'complete', () => ({
    ...groups(),
    act: ({ store }) => {
      document.getElementById('filter')?.focus()
      store.view.setFilter('u')
    },
  })),
]
