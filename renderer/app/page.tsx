/** All state of the page, made afresh for each page, and given to its components. */
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { createLabScreenStore, LabProvider, type LabScreenStore } from '../features/lab/store.ts'
import { createSnapshotsStore, SnapshotsProvider, type SnapshotsStore } from '../features/snapshots/store.ts'
import { StoreProvider } from '../model/store/context.ts'
import { createPageStore, type PageStore } from '../model/store/store.ts'
import { requiredContext } from '../ui/required-context.ts'
import { createDialogs, type Dialogs } from './dialogs.ts'

export type Page = {
  readonly store: PageStore
  readonly snapshots: SnapshotsStore
  readonly lab: LabScreenStore
  readonly dialogs: Dialogs
}

/** A new page, which shares nothing with any other. Its store is not connected yet. */
export function createPage(): Page {
  const store = createPageStore()
  return {
    store,
    snapshots: createSnapshotsStore(store),
    lab: createLabScreenStore(store),
    dialogs: createDialogs(),
  }
}

const [PageContext, usePage] = requiredContext<Page>('page')

export { usePage }

export function PageProvider({ page, children }: { page: Page; children: ReactNode }) {
  return (
    <PageContext value={page}>
      <StoreProvider value={page.store}>
        <SnapshotsProvider value={page.snapshots}>
          <LabProvider value={page.lab}>{children}</LabProvider>
        </SnapshotsProvider>
      </StoreProvider>
    </PageContext>
  )
}

/** Whether this dialog is open, and a function that opens or closes it. */
export function useDialog(name: 'help' | 'palette'): [open: boolean, setOpen: (open: boolean) => void] {
  const { dialogs } = usePage()
  const open = useStore(dialogs, ({ open }) => open === name)
  return [open, (open) => dialogs.setState({ open: open ? name : 'none' })]
}
