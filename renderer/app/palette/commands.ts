/** All palette commands. */

import { matcher } from '../../../electron/contract/filter/filter.ts'
import { parseFilter } from '../../../electron/contract/filter/parse.ts'
import { protocolName } from '../../../electron/contract/format.ts'
import { compareDefault } from '../../model/groups/default-sort.ts'
import { INTERVALS_MS, shortSpan } from '../../model/intervals.ts'
import { goTo, portPlaceOf } from '../../model/route.ts'
import type { PageStore } from '../../model/store/store.ts'
import { hostKind } from '../../model/transport/host.ts'
import { addressText, countOf } from '../../ui/format.ts'
import { nameInText } from '../../ui/visible-text.ts'
import { copyLink } from '../address-sync.ts'
import { focusFilter } from '../focus.ts'
import type { Page } from '../page.tsx'
import type { Command } from './command.ts'
import { hostCommands } from './host-commands.ts'
import { labCommands } from './lab-commands.ts'
import { snapshotCommands } from './snapshot-commands.ts'
import { tableCommands } from './table-commands.ts'

const MAX_GROUPS = 12

/** All commands that are currently available. */
export function commands(page: Page): Command[] {
  const { store, snapshots, lab, dialogs } = page
  const { session, view, engine, changeSettings } = store
  const { sampling, settings, client, source } = session.getState()
  const paused = sampling?.paused ?? false
  const plain = settings?.unsharedSockets ?? false
  return [
    {
      id: 'groups',
      often: true,
      name: 'Show groups',
      aside: '',
      icon: 'groups',
      run: () => goTo({ screen: 'groups' }),
    },
    {
      id: 'findings',
      often: true,
      name: 'Show findings',
      aside: '',
      icon: 'findings',
      run: () => goTo({ screen: 'findings' }),
    },
    {
      id: 'events',
      often: true,
      name: 'Show events',
      aside: '',
      icon: 'events',
      run: () => goTo({ screen: 'events' }),
    },
    {
      id: 'port',
      often: true,
      name: 'Port …',
      aside: 'who has it, who answers, can I bind',
      icon: 'search',
      run: () => goTo({ screen: 'port' }),
    },
    {
      id: 'found',
      name: 'Show groups with a finding',
      aside: 'finding:*',
      icon: 'search',
      run: () => {
        view.setFilter('finding:* ')
        goTo({ screen: 'groups' })
      },
    },
    { id: 'filter', often: true, name: 'Filter', aside: '/', icon: 'search', run: () => setTimeout(focusFilter) },
    ...(view.state.getState().filter.text === ''
      ? []
      : [
          {
            id: 'clear',
            often: true,
            name: 'Clear the filter',
            aside: 'Esc',
            icon: 'close' as const,
            run: () => view.setFilter(''),
          },
        ]),
    ...(client && source === null
      ? [
          {
            id: 'pause',
            often: true,
            name: paused ? 'Resume' : 'Pause',
            aside: 'Space',
            icon: paused ? ('play' as const) : ('pause' as const),
            run: () => void engine.setPaused(!paused),
          },
          {
            id: 'refresh',
            often: true,
            name: 'Refresh now',
            aside: 'R',
            icon: 'refresh' as const,
            run: () => void engine.refresh(),
          },
        ]
      : []),
    {
      id: 'plain',
      often: true,
      name: plain ? 'Hide unshared sockets' : 'Show unshared sockets',
      aside: '',
      icon: 'groups',
      run: () => void changeSettings({ unsharedSockets: !plain }),
    },
    ...INTERVALS_MS.map((ms) => ({
      id: `interval ${ms}`,
      name: `Refresh every ${shortSpan(ms)}`,
      aside: ms === settings?.intervalMs ? 'current' : '',
      icon: 'refresh' as const,
      run: () => void changeSettings({ intervalMs: ms }),
    })),
    ...tableCommands(store),
    ...(hostKind(document) === 'browser'
      ? [{ id: 'link', often: true, name: 'Copy link', aside: '', icon: 'link' as const, run: () => copyLink(page) }]
      : []),
    ...(['system', 'light', 'dark'] as const).map((theme) => ({
      id: `theme ${theme}`,
      name: `Use ${theme} theme`,
      aside: theme === settings?.theme ? 'current' : '',
      icon: 'settings' as const,
      run: () => void changeSettings({ theme }),
    })),
    ...snapshotCommands(store, snapshots),
    ...labCommands(store, lab),
    ...hostCommands(page),
    {
      id: 'settings',
      often: true,
      name: 'Settings',
      aside: '',
      icon: 'settings',
      run: () => goTo({ screen: 'settings' }),
    },
    {
      id: 'permissions',
      often: true,
      name: 'Permissions',
      aside: '',
      icon: 'lock',
      run: () => goTo({ screen: 'permissions' }),
    },
    {
      id: 'help',
      often: true,
      name: 'Help',
      aside: '?',
      icon: 'help',
      run: () => setTimeout(() => dialogs.setState({ open: 'help' })),
    },
  ]
}

/** The screen of the port that was typed: `8080`, `port 8080/udp`. */
export function portCommands(text: string): Command[] {
  const { port, protocol } = portPlaceOf(text.replace(/^\s*port\s+/i, ''))
  if (port === undefined) return []
  const place = { port, ...(protocol !== undefined && { protocol }) }
  return [
    {
      id: 'port typed',
      name: `Port ${port}${protocol === undefined ? '' : `/${protocol}`}`,
      aside: 'who has it, who answers, can I bind',
      icon: 'search',
      run: () => goTo({ screen: 'port', ...place }),
    },
  ]
}

/** The first groups that match `text` by the rules of the filter. */
export function groupCommands({ view }: PageStore, text: string): Command[] {
  if (text.trim() === '') return []
  const matches = matcher(parseFilter(text).terms)
  const found = [...view.subjects()].filter(matches).sort((a, b) => compareDefault(a.row, b.row))
  return found.slice(0, MAX_GROUPS).map(({ row }) => ({
    id: row.id,
    name: `${addressText(row.address, row.family, row.interface)}:${row.port}`,
    aside: `${protocolName(row)}, ${nameInText(row.owners[0]?.command ?? 'owner unknown')}, ${countOf(row.receiving, 'member')}`,
    icon: 'arrow' as const,
    run: () => {
      view.select(row.id)
      goTo({ screen: 'group', id: row.id })
    },
  }))
}
