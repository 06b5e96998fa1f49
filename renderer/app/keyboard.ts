/** Keyboard shortcuts that work on every screen. */
import type { Playback } from '../features/snapshots/playback.ts'
import type { PageStore } from '../model/store/store.ts'
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
  { keys: ['Esc'], does: 'Close, cancel, clear the filter' },
  { keys: ['Space'], does: 'Pause or resume; play a recording' },
  { keys: ['R'], does: 'Refresh now' },
  { keys: ['Ctrl', 'K'], does: 'Commands, and any group by address, port or owner' },
  { keys: ['Ctrl', 'S'], does: 'Save snapshot' },
  { keys: ['?'], does: 'This help' },
]

/** Starts listening, for the page that is on screen. Call once. */
export function startKeyboard(window: Window, current: () => Page): void {
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
    const action = actionOf(page, event.key, event.target)
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
      return store.view.state.getState().filter.text === '' ? null : () => store.view.setFilter('')
    case 'ArrowDown':
    case 'ArrowUp':
      return target === document.body || target === document.getElementById('content') ? focusTable : null
    default:
      return null
  }
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
