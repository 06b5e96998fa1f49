/** The stream of events: a reader's cursor is the last revision that it received. */
import type { EventsChange } from '../../../contract/events.ts'
import type { Sampler } from '../../collect/sampler.ts'
import type { EventLog } from './event-log.ts'

/** Maximum events per answer. */
const PAGE = 200

export class EventsFeed {
  readonly #log: EventLog
  readonly #sampler: Pick<Sampler, 'current' | 'next' | 'state'>
  readonly #epoch: string

  constructor(log: EventLog, sampler: Pick<Sampler, 'current' | 'next' | 'state'>, epoch: string) {
    this.#log = log
    this.#sampler = sampler
    this.#epoch = epoch
  }

  /** Answers once something is newer than `after`, or after a while with only the state of the sampler. */
  async changes(after: string | undefined, signal: AbortSignal | undefined): Promise<EventsChange> {
    await this.#sampler.current()
    const resume = this.#read(after)
    if (resume !== null && resume >= this.#log.revision) await this.#sampler.next(signal)
    const entries = this.#log.since(resume ?? 0, PAGE)
    const last = entries.at(-1)?.revision ?? this.#log.revision
    return {
      cursor: `${this.#epoch}.${last}`,
      reset: resume === null,
      more: last < this.#log.revision,
      events: entries.map(({ event }) => event),
      oldest: this.#log.oldest,
      sampler: this.#sampler.state,
    }
  }

  /** null where the reader must start over: it has no cursor, or one of another engine. */
  #read(after: string | undefined): number | null {
    const match = /^([0-9a-f]+)\.(\d+)$/.exec(after ?? '')
    return match?.[1] === this.#epoch && Number(match[2]) <= this.#log.revision ? Number(match[2]) : null
  }
}
