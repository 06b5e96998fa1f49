/** The open dialog, one at a time. */
import { createStore, type StoreApi } from 'zustand'

export type Dialogs = StoreApi<{ open: 'none' | 'help' | 'palette' }>

export function createDialogs(): Dialogs {
  return createStore(() => ({ open: 'none' }))
}
