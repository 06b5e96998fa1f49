/** When to load what the first frame does not need: after the first groups, or as soon as somebody wants it. */
import { useEffect } from 'react'
import { useStore } from 'zustand'
import type { Route } from '../model/route.ts'
import { useSession } from '../model/store/session.ts'
import type { Later } from './later-code.ts'
import { usePage } from './page.tsx'

/** The first groups are on screen by then, and their first second of changes has not begun. */
const AFTER_GROUPS_MS = 400

/** Loads it when it is time; null until then. */
export function useLater(route: Route): Later | null {
  const { dialogs, later } = usePage()
  const complete = useSession((session) => session.complete)
  const wanted = useStore(dialogs, ({ open }) => open !== 'none')
  const now = route.screen !== 'groups' || wanted
  useEffect(() => {
    if (now) later.load()
    else if (complete) {
      const timer = setTimeout(later.load, AFTER_GROUPS_MS)
      return () => clearTimeout(timer)
    }
    return undefined
  }, [now, complete, later])
  return useLaterCode()
}

/** Null until it is loaded. */
export function useLaterCode(): Later | null {
  return useStore(usePage().later.state, ({ later }) => later)
}
