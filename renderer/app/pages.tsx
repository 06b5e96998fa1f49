/** The page of this machine, and one for each host that was shown. One of them is on screen. */
import { useStore } from 'zustand'
import type { HostsState } from '../model/hosts/hosts.ts'
import { hrefOf, parseRoute } from '../model/route.ts'
import { startAddress } from './address-sync.ts'
import { App } from './app.tsx'
import type { LaterCode } from './later-code.ts'
import { createPageOf, type Page, PageProvider } from './page.tsx'
import { startTitle } from './title.ts'
import { LaterProvider } from './use-later.ts'

export type Pages = {
  /** Of this machine. */
  readonly near: Page
  /** The one on screen. */
  readonly current: () => Page
  /** Of these hosts, the one on screen. */
  readonly shownOf: (hosts: HostsState) => Page
}

/** Where a reload finds the host that was shown. */
const KEPT = 'reuseport-inspector/host'

export function createPages(near: Page): Pages {
  const pages = new Map<string, Page>()
  const shownOf = ({ shown, stores }: HostsState): Page => {
    for (const name of pages.keys()) if (!stores.has(name)) pages.delete(name)
    const store = shown === null ? undefined : stores.get(shown)
    if (shown === null || store === undefined) return near
    const known = pages.get(shown)
    if (known?.store === store) return known
    const made = createPageOf(store, near)
    pages.set(shown, made)
    return made
  }
  return { near, shownOf, current: () => shownOf(near.hosts.state.getState()) }
}

/**
 * Keeps the view of the page on screen in the address, and what is wrong there in the title. Call once, before anything
 * else writes the address.
 */
export function startAddressAndTitle(window: Window, { near, current }: Pages): void {
  const titles = new WeakMap<Page, () => void>()
  const show = (page: Page) => {
    const isShown = () => current() === page
    if (!titles.has(page)) {
      startAddress(window, page, isShown)
      titles.set(page, startTitle(window, page.store, isShown))
    }
    titles.get(page)?.()
  }
  show(near)
  near.hosts.state.subscribe(({ shown }, before) => {
    if (shown !== before.shown) show(current())
  })
}

/** Every host has its own place: switching back returns to the screen that was open. Call once. */
export function keepPlaces(page: Window, { near }: Pages): void {
  const places = new Map<string | null, string>()
  let wanted = page.sessionStorage.getItem(KEPT)
  near.hosts.state.subscribe(({ shown, stores }, before) => {
    if (wanted !== null && stores.has(wanted) && shown === null) {
      const name = wanted
      wanted = null
      near.hosts.show(name)
      return
    }
    if (shown === before.shown) return
    wanted = null
    if (shown === null) page.sessionStorage.removeItem(KEPT)
    else page.sessionStorage.setItem(KEPT, shown)
    places.set(before.shown, page.location.hash)
    page.location.hash = places.get(shown) ?? sameScreen(page.location.hash)
  })
}

/** The open screen, without what only one host has. */
function sameScreen(hash: string): string {
  const { screen } = parseRoute(hash)
  return hrefOf({ screen: screen === 'group' || screen === 'hosts' ? 'groups' : screen })
}

/** The page on screen. */
export function ShownPage({ pages, later }: { pages: Pages; later: LaterCode }) {
  const page = useStore(pages.near.hosts.state, pages.shownOf)
  const shown = useStore(pages.near.hosts.state, (hosts) => hosts.shown)
  return (
    <LaterProvider value={later}>
      <PageProvider key={shown ?? ''} page={page}>
        <App />
      </PageProvider>
    </LaterProvider>
  )
}
