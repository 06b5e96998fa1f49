/** All state of the page, made afresh for each page, and given to its components. */
import { type ReactNode, useCallback } from 'react'
import { useStore } from 'zustand'
import { ROOT_HERE } from '../../electron/contract/constants.ts'
import { createLabScreenStore, LabProvider, type LabScreenStore } from '../features/lab/store.ts'
import { createSnapshotsStore, SnapshotsProvider, type SnapshotsStore } from '../features/snapshots/store.ts'
import { connectionOf, createHosts, type Hosts, HostsProvider, type HostsState } from '../model/hosts/hosts.ts'
import { StoreProvider } from '../model/store/context.ts'
import { createPageStore, type PageStore } from '../model/store/store.ts'
import { requiredContext } from '../ui/required-context.ts'
import { createDialogs, type Dialogs, type OpenDialog } from './dialogs.ts'

export type Page = {
  readonly store: PageStore
  readonly snapshots: SnapshotsStore
  readonly lab: LabScreenStore
  readonly dialogs: Dialogs
  readonly hosts: Hosts
}

/** A new page, which shares nothing with any other. Its store is not connected yet. */
export function createPage(): Page {
  const store = createPageStore()
  return createPageOf(store, { dialogs: createDialogs(), hosts: createHosts(store) })
}

/** The page of a host with this store, which shares everything else with that of this machine. */
export function createPageOf(store: PageStore, { dialogs, hosts }: Pick<Page, 'dialogs' | 'hosts'>): Page {
  return { store, snapshots: createSnapshotsStore(store), lab: createLabScreenStore(store), dialogs, hosts }
}

const [PageContext, usePage] = requiredContext<Page>('page')

export { usePage }

export function PageProvider({ page, children }: { page: Page; children: ReactNode }) {
  return (
    <PageContext value={page}>
      <HostsProvider value={page.hosts}>
        <StoreProvider value={page.store}>
          <SnapshotsProvider value={page.snapshots}>
            <LabProvider value={page.lab}>{children}</LabProvider>
          </SnapshotsProvider>
        </StoreProvider>
      </HostsProvider>
    </PageContext>
  )
}

/** Whether this dialog is open, and a function that opens or closes it. */
export function useDialog(name: OpenDialog): [open: boolean, setOpen: (open: boolean) => void] {
  const { dialogs } = usePage()
  const open = useStore(dialogs, ({ open }) => open === name)
  return [open, (open) => dialogs.setState({ open: open ? name : 'none' })]
}

/** A function that shows what root sees on this machine, and asks for it where that is needed. */
export function useShowRoot(): () => void {
  const page = usePage()
  return useCallback(() => showRoot(page), [page])
}

export function showRoot({ hosts, dialogs }: Pick<Page, 'hosts' | 'dialogs'>): void {
  if (hosts.state.getState().stores.has(ROOT_HERE)) {
    hosts.show(ROOT_HERE)
    return
  }
  hosts.choose(ROOT_HERE)
  void hosts.connect(ROOT_HERE)
  // Without the connection, the dialog would offer all hosts for a moment.
  const open = (state: HostsState) => {
    if (connectionOf(state, ROOT_HERE) === undefined) return
    stop()
    dialogs.setState({ open: 'connect' })
  }
  const stop = hosts.state.subscribe(open)
  open(hosts.state.getState())
}

/** A function that opens the dialog for connecting, for a host where one is given. */
export function useConnectDialog(): (name: string | null) => void {
  const { dialogs, hosts } = usePage()
  return useCallback(
    (name) => {
      hosts.choose(name)
      dialogs.setState({ open: 'connect' })
    },
    [dialogs, hosts],
  )
}
