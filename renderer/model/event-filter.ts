/** The filter of all screens, applied to events. */
import { useMemo } from 'react'
import type { LoggedEvent } from '../../electron/contract/events.ts'
import { matcher, type Subject, type Test } from '../../electron/contract/filter/filter.ts'
import { eventSubject } from '../../electron/contract/filter/subjects.ts'
import { usePageStore, useView } from './store/context.ts'

/** What the filter is applied to: the group as it is, or, where it is gone, what the event knows of it. */
export function subjectOf(event: LoggedEvent, present: Subject | null): Subject | null {
  return event.key === null ? null : (present ?? eventSubject(event))
}

/** The test of a filter, applied to events. */
export function eventTest(test: Test, present: (id: string) => Subject | null): (event: LoggedEvent) => boolean {
  return (event) => {
    const subject = subjectOf(event, event.key === null ? null : present(event.key.id))
    return subject !== null && test(subject)
  }
}

/** The test of the filter; null where there is none. */
export function useEventMatches() {
  const terms = useView((view) => view.filter.terms)
  const { groups, session } = usePageStore()
  return useMemo(() => {
    if (!terms.some(({ test }) => test !== null)) return null
    return eventTest(matcher(terms), (id) => {
      const entry = groups.table.get(id)
      if (entry === undefined) return null
      const { row, trouble, findings } = entry
      const namespace = session.getState().namespaces.find(({ inode }) => inode === row.netns)?.name
      const takenAt = Date.parse(session.getState().sampling?.takenAt ?? row.firstSeenAt)
      return { row, trouble, findings, namespace: namespace ?? String(row.netns), takenAt }
    })
  }, [terms, groups, session])
}
