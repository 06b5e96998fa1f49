/** The open screen, kept in the URL after `#` so that back, forward and links work. */
import { useSyncExternalStore } from 'react'
import { GROUP_ID, LAB_ID, MEMBER_ID } from '../../electron/contract/ids.ts'
import type { RecipeName } from '../../electron/contract/lab.ts'
import type { Protocol } from '../../electron/contract/model.ts'
import { PROTOCOLS, RECIPE_NAMES } from '../../electron/contract/values.ts'

export type Route =
  | { screen: 'groups' }
  /** `member` is the selected one. */
  | { screen: 'group'; id: string; member?: string }
  /**
   * `finding` is the selected one; without it, the most severe. `began`: its incident that began at that time, in
   * milliseconds since 1970, which may be over.
   */
  | { screen: 'findings'; finding?: string; began?: number }
  /** `event` is the selected one; without it, the newest. */
  | { screen: 'events'; event?: number }
  /** A recipe, test listeners by their id, or the form for new ones; without any, the last recipe. */
  | { screen: 'lab'; page?: LabPage }
  /** Without a number it asks for one; without a protocol it shows both. */
  | ({ screen: 'port' } & PortPlace)
  | { screen: 'snapshots' }
  | { screen: 'settings' }
  | { screen: 'permissions' }
  | { screen: 'hosts' }

export type PortPlace = { readonly port?: number; readonly protocol?: Protocol }

export type LabPage = { recipe: RecipeName } | { id: string } | 'new'

/** `code:group`. */
const FINDING_ID = /^[a-z0-9-]+:[0-9a-f]{16}$/

export function parseRoute(hash: string): Route {
  const [path = ''] = hash.replace(/^#/, '').split('?')
  const [, screen, argument, more] = path.split('/')
  if (screen === 'group') {
    if (argument !== undefined && GROUP_ID.test(argument)) {
      return more !== undefined && MEMBER_ID.test(more)
        ? { screen, id: argument, member: more }
        : { screen, id: argument }
    }
  }
  if (screen === 'findings') {
    if (argument === undefined || !FINDING_ID.test(argument)) return { screen }
    return more !== undefined && /^\d{1,15}$/.test(more)
      ? { screen, finding: argument, began: Number(more) }
      : { screen, finding: argument }
  }
  if (screen === 'events') {
    return argument !== undefined && /^\d{1,15}$/.test(argument) ? { screen, event: Number(argument) } : { screen }
  }
  if (screen === 'port') return { screen, ...portPlaceOf([argument, more].filter((part) => part).join('/')) }
  if (screen === 'lab') {
    const page = labPageOf(argument)
    return page === null ? { screen } : { screen, page }
  }
  if (screen === 'snapshots' || screen === 'settings' || screen === 'permissions' || screen === 'hosts')
    return { screen }
  return { screen: 'groups' }
}

/** A port as typed: `8080`, `:8080`, `8080/udp`, `udp:8080`. Empty where it is none. */
export function portPlaceOf(text: string): PortPlace {
  const [, before, digits, after] = /^(?:(tcp|udp):)?:?(\d{1,5})(?:\/(tcp|udp))?$/i.exec(text.trim()) ?? []
  const port = Number(digits)
  if (!(port >= 1 && port <= 65_535) || (before !== undefined && after !== undefined)) return {}
  const protocol = PROTOCOLS.find((name) => name === (before ?? after)?.toLowerCase())
  return protocol === undefined ? { port } : { port, protocol }
}

function labPageOf(argument: string | undefined): LabPage | null {
  if (argument === 'new') return 'new'
  const recipe = RECIPE_NAMES.find((name) => name === argument)
  if (recipe !== undefined) return { recipe }
  return argument !== undefined && LAB_ID.test(argument) ? { id: argument } : null
}

/** The route as the value of a link's `href`. */
export function hrefOf(route: Route): string {
  if (route.screen === 'group') {
    return route.member === undefined ? `#/group/${route.id}` : `#/group/${route.id}/${route.member}`
  }
  if (route.screen === 'findings' && route.finding !== undefined) {
    return `#/findings/${route.finding}${route.began === undefined ? '' : `/${route.began}`}`
  }
  if (route.screen === 'events' && route.event !== undefined) return `#/events/${route.event}`
  if (route.screen === 'lab' && route.page !== undefined) {
    const { page } = route
    return `#/lab/${page === 'new' ? page : 'id' in page ? page.id : page.recipe}`
  }
  if (route.screen === 'port' && route.port !== undefined)
    return route.protocol === undefined ? `#/port/${route.port}` : `#/port/${route.port}/${route.protocol}`
  return `#/${route.screen}`
}

export function goTo(route: Route): void {
  window.location.hash = hrefOf(route)
}

/** Like goTo, but without a history entry: for moving within one screen. */
export function moveTo(route: Route): void {
  window.location.replace(hrefOf(route))
}

const subscribe = (changed: () => void) => {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}

/** The open screen. */
export function currentRoute(): Route {
  return parseRoute(window.location.hash)
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash)
  return parseRoute(hash)
}
