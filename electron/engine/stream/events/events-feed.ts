/** The stream of events. */
import type { EventsChange } from '../../../contract/events.ts'
import type { Sampler } from '../../collect/sampler.ts'
import { RevisionFeed } from '../../common/revision-feed.ts'
import type { EventLog } from './event-log.ts'

/** Maximum events per answer. */
const PAGE = 200

export type EventsFeed = RevisionFeed<Pick<EventsChange, 'events' | 'oldest'>>

export function eventsFeed(
  log: EventLog,
  sampler: Pick<Sampler, 'current' | 'next' | 'state'>,
  epoch: string,
): EventsFeed {
  const page = (since: number) => {
    const entries = log.since(since, PAGE)
    const last = entries.at(-1)?.revision ?? log.revision
    return { last, changed: { events: entries.map(({ event }) => event), oldest: log.oldest } }
  }
  return new RevisionFeed({ log, sampler, epoch, page })
}
