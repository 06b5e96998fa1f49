/** The engine's procedures for the other end of a link: its streams answer with a refresh, not with a page of it. */
import { type AnyRouter, implement } from '@orpc/server'
import { contract } from '../../contract/contract.ts'
import type { Engine } from '../../engine/index.ts'
import { joinGroups, joinMembers } from './join-changes.ts'

export function joiningRouter({ router, client }: Pick<Engine, 'router' | 'client'>): AnyRouter {
  const os = implement(contract).$config({ initialOutputValidationIndex: Number.NaN })
  return {
    ...router,
    groups: {
      ...router.groups,
      changes: os.groups.changes.handler(({ input, signal }) =>
        joinGroups((after = input.after) =>
          client.groups.changes({ ...input, after }, signal === undefined ? {} : { signal }),
        ),
      ),
    },
    group: {
      ...router.group,
      changes: os.group.changes.handler(({ input, signal }) =>
        joinMembers((after = input.after) =>
          client.group.changes({ ...input, after }, signal === undefined ? {} : { signal }),
        ),
      ),
    },
  } as AnyRouter
}
