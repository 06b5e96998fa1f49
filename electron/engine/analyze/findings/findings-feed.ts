/** The stream of findings: each change has a revision, and a reader's cursor is the last revision that it received. */
import type { FindingsChange } from '../../../contract/analysis.ts'
import type { Sampler } from '../../collect/sampler.ts'
import type { FindingsLog } from './findings-log.ts'

/** Maximum findings per answer. */
const PAGE = 200

export class FindingsFeed {
  readonly #log: FindingsLog
  readonly #sampler: Sampler
  readonly #epoch: string

  constructor(log: FindingsLog, sampler: Sampler, epoch: string) {
    this.#log = log
    this.#sampler = sampler
    this.#epoch = epoch
  }

  /** Answers once something is newer than `after`, or after a while with only the state of the sampler. */
  async changes(after: string | undefined, signal: AbortSignal | undefined): Promise<FindingsChange> {
    await this.#sampler.current()
    const cursor = this.#read(after)
    if (cursor !== null && cursor >= this.#log.revision) {
      await this.#sampler.next(signal)
      await this.#sampler.current()
    }
    const resume = this.#read(after)
    const reset = resume === null
    const since = resume ?? 0
    const rows: FindingsChange['rows'] = []
    let lastRevision = since
    let more = false
    for (const { revision, row } of this.#log.raised.values()) {
      if (revision <= since) continue
      if (rows.length === PAGE) {
        more = true
        break
      }
      rows.push(row)
      lastRevision = revision
    }
    const removed = reset ? [] : this.#log.cleared.filter(({ revision }) => revision > since).map(({ id }) => id)
    return {
      cursor: `${this.#epoch}.${more ? lastRevision : this.#log.revision}`,
      reset,
      more,
      removed,
      rows,
      sampler: this.#sampler.state,
    }
  }

  /**
   * null if the reader must start over: it has no cursor, one of another engine, or one older than what is remembered.
   */
  #read(after: string | undefined): number | null {
    const match = /^([0-9a-f]+)\.(\d+)$/.exec(after ?? '')
    if (match?.[1] !== this.#epoch) return null
    const revision = Number(match[2])
    return revision > this.#log.revision || revision + 1 < this.#log.clearedFrom ? null : revision
  }
}
