/** When to load what the first frame does not need: after the first groups, or as soon as somebody wants it. */
import { useEffect } from 'react'
import { useStore } from 'zustand'
import type { Route } from '../model/route.ts'
import { useSession } from '../model/store/context.ts'
import { requiredContext } from '../ui/required-context.ts'
import type { Later, LaterCode } from './later-code.ts'
import { usePage } from './page.tsx'

export const [LaterProvider, useLaterCode] = requiredContext<LaterCode>('code of the other screens')

/** The first groups are on screen by then, and their first second of changes has not begun. */
const AFTER_GROUPS_MS = 400

/** Loads it when it is time. */
export function useLoadLater(route: Route): void {
  const { dialogs } = usePage()
  const { load } = useLaterCode()
  const complete = useSession((session) => session.complete)
  const wanted = useStore(dialogs, ({ open }) => open !== 'none')
  const now = route.screen !== 'groups' || wanted
  useEffect(() => {
    if (now) load()
    else if (complete) {
      const timer = setTimeout(load, AFTER_GROUPS_MS)
      return () => clearTimeout(timer)
    }
    return undefined
  }, [now, complete, load])
}

/** Null until it is loaded. */
export function useLater(): Later | null {
  return useStore(useLaterCode().state, ({ later }) => later)
}
