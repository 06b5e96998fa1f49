/** Answers what the engine remembers: history.ts and events.ts of the contract. */
import { implement } from '@orpc/server'
import { contract } from '../../contract/contract.ts'
import type { GroupHistories, GroupHistory, HistoryUsage } from '../../contract/history.ts'
import type { Collector } from '../collect/collector.ts'
import type { EventsFeed } from '../stream/events/events-feed.ts'
import type { EventsWatch } from '../stream/events/events-watch.ts'
import { type History, MAX_REMEMBERED_MEMBERS } from '../stream/history/history.ts'
import { withTypedErrors } from './typed-errors.ts'

export type MemoryParts = {
  /** Resolves when what earlier engines remembered is there. */
  readonly recalled: Promise<void>
  readonly history: History
  readonly events: EventsFeed
  readonly watch: EventsWatch
}

/** Groups in one answer. */
const PAGE = 200

export function memoryHandlers({ recalled, history, events, watch }: MemoryParts, collector: Pick<Collector, 'frame'>) {
  // As in router.ts: output is built from the model's own types.
  const os = implement(contract).$config({ initialOutputValidationIndex: Number.NaN })
  return {
    history: {
      group: os.history.group.handler(async ({ input: { id, since } }): Promise<GroupHistory> => {
        await recalled
        return {
          steps: history.ofGroup(id, since),
          members: membersOf(collector, id, (cookie) => history.ofMember(cookie, since)),
          gaps: history.gaps(since),
          membership: watch.membership.read(id, since),
          lost: history.lostBy(id),
        }
      }),
      groups: os.history.groups.handler(async ({ input: { since, skip } }): Promise<GroupHistories> => {
        await recalled
        const ids = [...history.ids].slice(skip, skip + PAGE)
        return { groups: ids.map((id) => ({ id, steps: history.ofGroup(id, since) })), gaps: history.gaps(since) }
      }),
      usage: os.history.usage.handler((): HistoryUsage => ({ ...history.usage, events: watch.log.size })),
    },
    events: {
      changes: os.events.changes.handler(({ input, signal, errors }) =>
        withTypedErrors('reading the events', errors, async () => {
          await recalled
          return events.changes(input.after, signal)
        }),
      ),
    },
  }
}

/** The members of a group that have a history. */
function membersOf(
  { frame }: Pick<Collector, 'frame'>,
  id: string,
  stepsOf: (cookie: bigint) => GroupHistory['steps'],
): GroupHistory['members'] {
  const row = frame?.rowOf(id) ?? -1
  if (frame === null || row < 0 || frame.receiving(row) > MAX_REMEMBERED_MEMBERS) return []
  const first = frame.firstSocket(row)
  const members: GroupHistory['members'] = []
  for (let socket = first; socket < first + frame.socketCount(row); socket++) {
    const steps = stepsOf(frame.cookie(socket))
    if (steps.length > 0) members.push({ id: frame.memberId(socket), steps })
  }
  return members
}
