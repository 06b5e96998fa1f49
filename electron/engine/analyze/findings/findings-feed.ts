/** The stream of findings. */
import type { FindingsChange } from '../../../contract/analysis.ts'
import type { Sampler } from '../../collect/sampler.ts'
import { RevisionFeed } from '../../common/revision-feed.ts'
import type { FindingsLog } from './findings-log.ts'

/** Maximum findings per answer. */
const PAGE = 200

export type FindingsFeed = RevisionFeed<Pick<FindingsChange, 'rows' | 'removed'>>

export function findingsFeed(log: FindingsLog, sampler: Sampler, epoch: string): FindingsFeed {
  const page = (since: number, reset: boolean) => {
    const newer = [...log.raised.values()].filter(({ revision }) => revision > since)
    const rows = newer.slice(0, PAGE)
    const last = newer.length > rows.length ? (rows.at(-1)?.revision ?? since) : log.revision
    const removed = reset ? [] : log.cleared.filter(({ revision }) => revision > since).map(({ id }) => id)
    return { last, changed: { removed, rows: rows.map(({ row }) => row) } }
  }
  return new RevisionFeed({ log, sampler, epoch, page })
}
