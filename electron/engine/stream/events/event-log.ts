/** The latest events, in a bounded number, each with the revision at which it last changed. */
import { MAX_EVENTS } from '../../../contract/constants.ts'
import type { LoggedEvent } from '../../../contract/events.ts'

type Entry = { revision: number; event: LoggedEvent }

export class EventLog {
  revision = 0
  /** Events with lower ids are forgotten. */
  oldest = 1
  /** Called with every event that is added or replaced. */
  onPut: ((event: LoggedEvent) => void) | null = null
  readonly #byId = new Map<number, Entry>()
  #lastId = 0

  get size(): number {
    return this.#byId.size
  }

  /** Adds an event, or replaces the one with this id. Returns its id. An event that was forgotten stays forgotten. */
  readonly put = (event: Omit<LoggedEvent, 'id'>, replaces?: number): number => {
    const id = replaces ?? ++this.#lastId
    if (replaces !== undefined && !this.#byId.has(replaces)) return replaces
    const logged = { id, ...event }
    this.#byId.set(id, { revision: ++this.revision, event: logged })
    if (this.#byId.size > MAX_EVENTS) this.#byId.delete(this.oldest++)
    this.onPut?.(logged)
    return id
  }

  /** Adds events of an earlier engine, the oldest first, without calling `onPut`. */
  recall(events: readonly LoggedEvent[]): void {
    const { onPut } = this
    this.onPut = null
    for (const { id: _, ...event } of events.slice(-MAX_EVENTS)) this.put(event)
    this.onPut = onPut
  }

  /** At most `max` events that changed after `revision`, in the order of their last change. */
  since(revision: number, max: number): readonly Entry[] {
    const changed = [...this.#byId.values()].filter((entry) => entry.revision > revision)
    return changed.sort((a, b) => a.revision - b.revision).slice(0, max)
  }
}
