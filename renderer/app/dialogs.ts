/** The open dialog, one at a time. */
import { createStore, type StoreApi } from 'zustand'

export type OpenDialog = 'help' | 'palette' | 'connect'
export type Dialogs = StoreApi<{ open: 'none' | OpenDialog }>

export function createDialogs(): Dialogs {
  return createStore(() => ({ open: 'none' }))
}
