/** Keyboard shortcuts that work on every screen. */
import { endpoint } from '../../electron/contract/format.ts'
import type { Playback } from '../features/snapshots/playback.ts'
import { currentRoute, goTo, moveTo, type Route } from '../model/route.ts'
import type { PageStore } from '../model/store/store.ts'
import { visibleText } from '../ui/visible-text.ts'
import { focusFilter, focusTable } from './focus.ts'
import type { Page } from './page.tsx'

export type Shortcut = { keys: readonly string[]; does: string }

/** Listed in the help. */
export const SHORTCUTS: readonly Shortcut[] = [
  { keys: ['/'], does: 'Filter' },
  { keys: ['↑', '↓'], does: 'Select a group or finding; Page Up, Page Down, Home and End move further' },
  { keys: ['Enter'], does: 'Open the selected group, or the group of the selected finding' },
  { keys: ['Tab'], does: 'Reach every lab button: start, stall, close, send, stop. Ctrl+K also lists the main ones' },
  { keys: ['M'], does: 'Mute or unmute the selected finding' },
  { keys: ['Esc'], does: 'Close, cancel, clear the filter; from a member to its group, from a group to all' },
  { keys: ['G'], does: 'Then a letter: G groups, F findings, L the lab, S snapshots' },
  { keys: ['[', ']'], does: 'Previous or next group of the list, while one is open' },
  { keys: ['C'], does: 'Copy the endpoint of the open or selected group' },
  { keys: ['Space'], does: 'Pause or resume; play a recording' },
  { keys: ['R'], does: 'Refresh now' },
  { keys: ['Ctrl', 'K'], does: 'Commands, and any group by address, port or owner' },
  { keys: ['Ctrl', 'S'], does: 'Save snapshot' },
  { keys: ['?'], does: 'This help' },
]

/** Time for the letter after G. */
const GO_MS = 1500
const SCREENS: Readonly<Record<string, Route>> = {
  g: { screen: 'groups' },
  f: { screen: 'findings' },
  l: { screen: 'lab' },
  s: { screen: 'snapshots' },
}

/** Starts listening, for the page that is on screen. Call once. */
export function startKeyboard(window: Window, current: () => Page): void {
  /** When G was pressed: the next letter chooses a screen. */
  let goingSince = Number.NEGATIVE_INFINITY
  window.addEventListener('keydown', (event) => {
    if (event.defaultPrevented) return
    const page = current()
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault()
      page.dialogs.setState({ open: 'palette' })
      return
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
      event.preventDefault()
      void page.snapshots.saveNow()
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event.target)) return
    // A dialog has the keyboard, also while its code is still on the way.
    if (page.dialogs.getState().open !== 'none') return
    const goes = event.timeStamp - goingSince < GO_MS
    goingSince = !goes && event.key.toLowerCase() === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY
    const screen = goes ? SCREENS[event.key.toLowerCase()] : undefined
    const action = screen === undefined ? actionOf(page, event.key, event.target) : () => goTo(screen)
    if (!action) return
    event.preventDefault()
    action()
  })
}

function actionOf({ store, snapshots, dialogs }: Page, key: string, target: EventTarget | null): (() => void) | null {
  switch (key) {
    case '/':
      return focusFilter
    case '?':
      return () => dialogs.setState({ open: 'help' })
    case 'r':
    case 'R':
      return () => void store.engine.refresh()
    case ' ':
      // Space activates focused controls.
      if (target instanceof Element && target.closest('button, a, label, [role="radio"], [role="menuitem"]'))
        return null
      return () => pauseOrPlay(store, snapshots.playback)
    case 'Escape':
      return upOf(store)
    case '[':
      return neighborOf(store, -1)
    case ']':
      return neighborOf(store, 1)
    case 'c':
    case 'C':
      return copyEndpointOf(store)
    case 'ArrowDown':
    case 'ArrowUp':
      return target === document.body || target === document.getElementById('content') ? focusTable : null
    default:
      return null
  }
}

/** One level up: from a member to its group, from a group to all groups, from a filtered list to the whole. */
function upOf({ view }: PageStore): (() => void) | null {
  const route = currentRoute()
  if (route.screen === 'group') {
    return () => (route.member === undefined ? goTo({ screen: 'groups' }) : moveTo({ screen: 'group', id: route.id }))
  }
  return view.state.getState().filter.text === '' ? null : () => view.setFilter('')
}

/** The group before or after the open one, in the order of the list. */
function neighborOf({ view }: PageStore, step: -1 | 1): (() => void) | null {
  const route = currentRoute()
  if (route.screen !== 'group') return null
  const { order } = view.groups
  const next = order[order.findIndex(({ id }) => id === route.id) + step]
  if (next === undefined) return null
  return () => {
    view.select(next.id)
    moveTo({ screen: 'group', id: next.id })
  }
}

function copyEndpointOf({ view, groups, notices }: PageStore): (() => void) | null {
  const route = currentRoute()
  const id = route.screen === 'group' ? route.id : route.screen === 'groups' ? view.state.getState().selected : null
  const row = id === null ? undefined : groups.table.get(id)?.row
  if (row === undefined || window.getSelection()?.isCollapsed === false) return null
  const text = visibleText(endpoint(row))
  return () => void navigator.clipboard.writeText(text).then(() => notices.show({ text: `Copied: ${text}` }))
}

/** Space plays a recording. A snapshot cannot be paused. */
function pauseOrPlay({ session, engine }: PageStore, { togglePlaying }: Playback): void {
  const { source, sampling } = session.getState()
  if (source === null) void engine.setPaused(!(sampling?.paused ?? false))
  else if (source.kind === 'recording') togglePlaying()
}

/** True for targets that handle keys themselves: text fields, dialogs and menus. */
function isTaken(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input[type="text"], textarea, [contenteditable], [role="dialog"], [role="menu"]') !== null
  )
}
