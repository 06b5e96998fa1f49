/** Which dialog is open. One at a time. */
import { create } from 'zustand'

export const useDialogs = create<{ open: 'none' | 'help' | 'palette' }>(() => ({ open: 'none' }))
