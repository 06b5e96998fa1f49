/** Every group of this page as input for the filter. */
import type { Subject } from '../filter/filter.ts'
import { groups } from './groups.ts'
import { namespaceName } from './view.ts'

export function* subjects(): Iterable<Subject> {
  for (const { row, trouble, findings, presence } of groups.entries()) {
    if (presence !== 'gone') yield { row, trouble, findings, namespace: namespaceName(row.netns) }
  }
}
