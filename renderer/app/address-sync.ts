/**
 * Keeps the view of the page in its address, and takes it from there: links, bookmarks, back and forward. What is typed
 * in the filter within a moment is one step back.
 */
import { hashOf, parseView, type ViewAddress } from '../model/address.ts'
import { parseRoute } from '../model/route.ts'
import type { Session } from '../model/store/session.ts'
import { numberOf } from '../model/store/source.ts'
import { DEFAULT_SORT } from '../model/store/view.ts'
import type { Page } from './page.tsx'

/** Changes of the filter within this time belong together. */
const TOGETHER_MS = 1500
/** A recording that plays moves on many times per second. */
const SETTLED_MS = 300

/** The view that is shown now. */
export function viewOf({ store }: Pick<Page, 'store'>): Required<ViewAddress> {
  const { settings, source, snapshotId } = store.session.getState()
  return {
    filter: store.view.state.getState().filter.text.trim(),
    sort: settings?.sort ?? DEFAULT_SORT,
    lanes: store.view.state.getState().lanes,
    range: store.view.state.getState().range,
    shown: source === null ? null : { id: source.id, snapshot: numberOf(snapshotId) },
  }
}

/** An address of the current screen and view, to be opened elsewhere. */
export function linkTo(window: Window, page: Page): string {
  const { origin, pathname, hash } = window.location
  return `${origin}${pathname}${hashOf(parseRoute(hash), viewOf(page), true)}`
}

/** Copies it, and says so. */
export function copyLink(page: Page): void {
  const { notices } = page.store
  void navigator.clipboard.writeText(linkTo(window, page)).then(
    () => notices.show({ text: 'Copied the link. It opens in this browser, while a tab of it is connected.' }),
    () => notices.show({ text: 'The browser did not allow the copy.', failed: true }),
  )
}

/**
 * Takes the view of the present address, and starts following both while the page is on screen (`isShown`). Call once for
 * a page.
 */
export function startAddress(window: Window, page: Page, isShown: () => boolean): void {
  const { history, location } = window
  const { session, view } = page.store
  /** Written by this page: the state of such a history entry says that its address is the whole view. */
  const isWhole = () => typeof history.state === 'object' && history.state?.view === true
  let filteredAt = Number.NEGATIVE_INFINITY
  let settling: ReturnType<typeof setTimeout> | undefined
  let taking = false
  let ready = false

  const write = (how: 'push' | 'replace') => {
    if (taking || !isShown()) return
    clearTimeout(settling)
    const hash = hashOf(parseRoute(location.hash), viewOf(page))
    if (hash === location.hash && isWhole()) return
    if (how === 'push' && hash !== location.hash) history.pushState({ view: true }, '', hash)
    else history.replaceState({ view: true }, '', hash)
  }
  const take = () => {
    if (!isShown()) return
    const wanted = parseView(location.hash, isWhole())
    taking = true
    if (wanted !== null) apply(page, wanted)
    taking = false
    // A snapshot that is still being opened is in the address already.
    if (wanted?.shown == null || wanted.shown.id === session.getState().source?.id) write('replace')
  }

  take()
  window.addEventListener('hashchange', take)
  view.state.subscribe(({ filter, lanes, range }, before) => {
    if (lanes !== before.lanes || range !== before.range) write('push')
    if (filter.text.trim() === before.filter.text.trim()) return
    const now = Date.now()
    write(ready && now - filteredAt > TOGETHER_MS ? 'push' : 'replace')
    filteredAt = now
  })
  session.subscribe((now, before) => {
    if (now.settings !== null && before.settings === null) {
      write('replace')
      ready = true
    } else if (isMoved(now, before)) write('push')
    else if (now.snapshotId !== before.snapshotId) {
      clearTimeout(settling)
      settling = setTimeout(() => write('replace'), SETTLED_MS)
    }
  })
}

function isMoved({ settings, source }: Session, before: Session): boolean {
  return source !== before.source || settings?.sort !== before.settings?.sort
}

function apply({ store, snapshots }: Page, { filter, sort, lanes, range, shown }: ViewAddress): void {
  const { session, view, source, changeSettings } = store
  // Before the settings arrive, the filter that they remember must not take its place.
  const before = session.getState().settings
  if (filter !== undefined && (before === null || filter !== view.state.getState().filter.text.trim())) {
    view.setFilter(filter === '' ? '' : `${filter} `)
  }
  const order = before?.sort ?? DEFAULT_SORT
  if (sort !== undefined && (sort.column !== order.column || sort.descending !== order.descending)) {
    void changeSettings({ sort })
  }
  if (lanes !== undefined) view.sortLanes(lanes)
  if (range !== undefined) view.showRange(range)
  if (shown === undefined) return
  if (shown === null) source.showLive()
  else void snapshots.openById(shown.id, shown.snapshot ?? 0)
}
