/** Which screen is open, kept in the address after `#` so that back, forward and links work as everywhere. */
import { useSyncExternalStore } from 'react'
import { GroupId } from '../electron/contract/model.ts'

export type Route =
  | { screen: 'groups' }
  | { screen: 'group'; id: string }
  | { screen: 'snapshots' }
  | { screen: 'settings' }
  | { screen: 'rights' }

export function parseRoute(hash: string): Route {
  const [, screen, argument] = hash.replace(/^#/, '').split('/')
  if (screen === 'group') {
    const id = GroupId.safeParse(argument)
    if (id.success) return { screen, id: id.data }
  }
  if (screen === 'snapshots' || screen === 'settings' || screen === 'rights') return { screen }
  return { screen: 'groups' }
}

/** The route as the value of a link's `href`. */
export function hrefOf(route: Route): string {
  return route.screen === 'group' ? `#/group/${route.id}` : `#/${route.screen}`
}

export function goTo(route: Route): void {
  window.location.hash = hrefOf(route)
}

const subscribe = (changed: () => void) => {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash)
  return parseRoute(hash)
}
