/**
 * Desktop notifications of critical incidents, where the user wants them: on every connected machine, none while the
 * page has the focus. What comes together is one notification.
 */

import { CriticalNews, type NotificationText, notificationOf } from '../model/findings/critical-news.ts'
import type { Incident } from '../model/findings/incidents.ts'
import type { Hosts } from '../model/hosts/hosts.ts'
import { goTo } from '../model/route.ts'
import type { PageStore } from '../model/store/store.ts'

/** A cause raises its findings within this time. */
const TOGETHER_MS = 2000
/** Between two notifications of a machine. */
const APART_MS = 30_000

/** What notifications need of the browser. */
export type Desktop = {
  /** Whether it may show them, and the page does not have the focus. */
  readonly isFree: () => boolean
  readonly show: (text: NotificationText, clicked: () => void) => void
}

/** The desktop of the page's window. */
export function desktopOf(page: Window): Desktop {
  return {
    isFree: () => 'Notification' in page && Notification.permission === 'granted' && !page.document.hasFocus(),
    show({ title, body, tag }, clicked) {
      const shown = new Notification(title, { body, tag })
      shown.onclick = () => {
        page.focus()
        shown.close()
        clicked()
      }
    },
  }
}

/** Notifies of this machine and of every host that is connected. Call once. */
export function startNotifications(desktop: Desktop, hosts: Pick<Hosts, 'near' | 'state' | 'show'>): void {
  const followed = new WeakSet<PageStore>()
  const add = (name: string | null, store: PageStore) => {
    if (followed.has(store)) return
    followed.add(store)
    follow(store, desktop, ({ route }) => {
      hosts.show(name)
      goTo(route)
    })
  }
  add(null, hosts.near)
  hosts.state.subscribe(({ stores }, before) => {
    if (stores !== before.stores) for (const [name, store] of stores) add(name, store)
  })
}

function follow(
  { session, findings }: Pick<PageStore, 'session' | 'findings'>,
  desktop: Desktop,
  open: (text: NotificationText) => void,
): void {
  let news: CriticalNews | null = null
  let waiting: Incident[] = []
  let due = false
  let shownAt = Number.NEGATIVE_INFINITY

  const show = () => {
    due = false
    const { list } = findings.state.getState()
    const critical = new Set(
      list.filter(({ severity, muted }) => severity === 'critical' && !muted).map(({ id }) => id),
    )
    const text = notificationOf(
      session.getState().machine?.host.hostname ?? 'this machine',
      waiting.filter(({ lead, also }) => [lead, ...also].some(({ id }) => critical.has(id))),
    )
    waiting = []
    if (text === null || news === null || !desktop.isFree()) return
    shownAt = Date.now()
    desktop.show(text, () => open(text))
  }
  const look = () => {
    const { settings, source } = session.getState()
    const { list, complete } = findings.state.getState()
    if (settings?.notifyOnCritical !== true) {
      news = null
      return
    }
    // Those of a snapshot are no news, and a list that is still arriving is not the first one.
    if (source !== null || (news === null && !complete)) return
    news ??= new CriticalNews()
    const now = Date.now()
    waiting.push(...news.take(list, now))
    if (waiting.length === 0 || due) return
    due = true
    setTimeout(show, Math.max(TOGETHER_MS, shownAt + APART_MS - now))
  }
  findings.state.subscribe(look)
  // What is critical when they are turned on is no news.
  session.subscribe(({ settings }, before) => {
    if (settings?.notifyOnCritical !== before.settings?.notifyOnCritical) look()
  })
}
