/** Everything in the gallery. */
import type { Entry } from '../entry.tsx'
import { components } from './components.tsx'
import { events } from './events.ts'
import { findings } from './findings.ts'
import { frame } from './frame.ts'
import { group } from './group.ts'
import { groups } from './groups.ts'
import { hosts } from './hosts.ts'
import { lab } from './lab.ts'
import { pages } from './pages.ts'
import { port } from './port.ts'
import { snapshots } from './snapshots.ts'

export const entries: readonly Entry[] = [
  ...groups,
  ...group,
  ...findings,
  ...events,
  ...port,
  ...lab,
  ...hosts,
  ...snapshots,
  ...pages,
  ...frame,
  ...components,
]
