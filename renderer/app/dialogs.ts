/** The open dialog, one at a time. */
import { create } from 'zustand'

export const useDialogs = create<{ open: 'none' | 'help' | 'palette' }>(() => ({ open: 'none' }))
