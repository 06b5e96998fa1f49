/** All palette commands. */

import { startRecording, stopRecording, useRecording } from '../../features/snapshots/recording.ts'
import { saveNow } from '../../features/snapshots/store.ts'
import { matcher } from '../../model/filter/filter.ts'
import { parseFilter } from '../../model/filter/parse.ts'
import { COLUMNS } from '../../model/groups/columns.ts'
import { compareDefault } from '../../model/groups/default-sort.ts'
import { INTERVALS_MS, shortSpan } from '../../model/intervals.ts'
import { goTo } from '../../model/route.ts'
import { changeSettings, refresh, setPaused } from '../../model/store/engine.ts'
import { useSession } from '../../model/store/session.ts'
import { showLive } from '../../model/store/source.ts'
import { subjects } from '../../model/store/subjects.ts'
import { setFilter, sortBy, useView } from '../../model/store/view.ts'
import { addressText, countOf, protocolName } from '../../ui/format.ts'
import type { IconName } from '../../ui/icon.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import { useDialogs } from '../dialogs.ts'
import { focusFilter } from '../focus.ts'
import { labCommands } from './lab-commands.ts'

export type Command = {
  id: string
  name: string
  aside: string
  icon: IconName
  /** Shown before anything is typed. */
  often?: boolean
  run: () => void
}

const MAX_GROUPS = 12

/** All commands that are currently available. */
export function commands(): Command[] {
  const { sampling, settings, client, source } = useSession.getState()
  const { recording } = useRecording.getState()
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
      id: 'found',
      name: 'Show groups with a finding',
      aside: 'finding:*',
      icon: 'search',
      run: () => {
        setFilter('finding:* ')
        goTo({ screen: 'groups' })
      },
    },
    { id: 'filter', often: true, name: 'Filter', aside: '/', icon: 'search', run: () => setTimeout(focusFilter) },
    ...(useView.getState().filter.text === ''
      ? []
      : [
          {
            id: 'clear',
            often: true,
            name: 'Clear the filter',
            aside: 'Esc',
            icon: 'close' as const,
            run: () => setFilter(''),
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
            run: () => void setPaused(!paused),
          },
          {
            id: 'refresh',
            often: true,
            name: 'Refresh now',
            aside: 'R',
            icon: 'refresh' as const,
            run: () => void refresh(),
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
    ...COLUMNS.filter(({ sortBy }) => sortBy).map(({ id, title }) => ({
      id: `sort ${id}`,
      name: `Sort by ${title.toLowerCase()}`,
      aside: id === settings?.sort.column ? 'current' : '',
      icon: 'sortDown' as const,
      run: () => sortBy(id),
    })),
    ...(['system', 'light', 'dark'] as const).map((theme) => ({
      id: `theme ${theme}`,
      name: `Use ${theme} theme`,
      aside: theme === settings?.theme ? 'current' : '',
      icon: 'settings' as const,
      run: () => void changeSettings({ theme }),
    })),
    {
      id: 'save',
      often: true,
      name: 'Save snapshot',
      aside: 'Ctrl S',
      icon: 'snapshot',
      run: () => void saveNow(),
    },
    recording?.running
      ? {
          id: 'record',
          often: true,
          name: 'Stop recording',
          aside: '',
          icon: 'stop' as const,
          run: () => void stopRecording(),
        }
      : {
          id: 'record',
          often: true,
          name: 'Start recording',
          aside: '',
          icon: 'record' as const,
          run: () => void startRecording(),
        },
    ...(source === null
      ? []
      : [
          {
            id: 'live',
            often: true,
            name: 'Back to live',
            aside: '',
            icon: 'back' as const,
            run: showLive,
          },
        ]),
    {
      id: 'snapshots',
      often: true,
      name: 'Show snapshots',
      aside: '',
      icon: 'snapshot',
      run: () => goTo({ screen: 'snapshots' }),
    },
    ...labCommands(),
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
      run: () => setTimeout(() => useDialogs.setState({ open: 'help' })),
    },
  ]
}

/** The first groups that match `text` by the rules of the filter. */
export function groupCommands(text: string): Command[] {
  if (text.trim() === '') return []
  const matches = matcher(parseFilter(text).terms)
  const found = [...subjects()].filter(matches).sort((a, b) => compareDefault(a.row, b.row))
  return found.slice(0, MAX_GROUPS).map(({ row }) => ({
    id: row.id,
    name: `${addressText(row.address, row.family, row.interface)}:${row.port}`,
    aside: `${protocolName(row.protocol, row.family)}, ${visibleText(row.owners[0]?.command ?? 'owner unknown')}, ${countOf(row.receiving, 'member')}`,
    icon: 'arrow' as const,
    run: () => {
      useView.setState({ selected: row.id })
      goTo({ screen: 'group', id: row.id })
    },
  }))
}
