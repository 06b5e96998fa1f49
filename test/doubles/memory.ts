/** What a double of the engine remembers: the events and histories that a test gives it. */
import { implement } from '@orpc/server'
import { contract } from '../../electron/contract/contract.ts'
import type { LoggedEvent } from '../../electron/contract/events.ts'
import type { GroupHistory } from '../../electron/contract/history.ts'
import type { SamplerStatus } from '../../electron/contract/live.ts'
import { groupRow } from './group-rows.ts'

export class MemoryDouble {
  /** By group. */
  readonly histories = new Map<string, GroupHistory>()
  #events: LoggedEvent[] = []
  #revision = 0
  #wake: (() => void)[] = []

  /** Adds events, or replaces those with the same ids. */
  happen(...events: LoggedEvent[]): void {
    const ids = new Set(events.map(({ id }) => id))
    this.#events = [...this.#events.filter(({ id }) => !ids.has(id)), ...events]
    this.#revision++
    for (const wake of this.#wake.splice(0)) wake()
  }

  /** `answering` resolves when the engine answers. */
  handlers(sampling: () => SamplerStatus, answering: () => Promise<void> = async () => undefined) {
    const os = implement(contract)
    return {
      history: {
        group: os.history.group.handler(({ input }) => this.histories.get(input.id) ?? NO_HISTORY),
        groups: os.history.groups.handler(({ input }) => ({
          groups: [...this.histories].slice(input.skip).map(([id, { steps }]) => ({ id, steps })),
          gaps: [],
        })),
        usage: os.history.usage.handler(() => ({
          bytes: 7_340_032,
          maxBytes: 25_165_824,
          spanMs: 3_600_000,
          stepMs: 1000,
          groups: this.histories.size,
          members: 0,
          events: this.#events.length,
        })),
      },
      events: {
        changes: os.events.changes.handler(async ({ input, signal }) => {
          await answering()
          while (input.after === String(this.#revision)) {
            await new Promise<void>((resolve, reject) => {
              this.#wake.push(resolve)
              signal?.addEventListener('abort', () => reject(signal.reason))
            })
          }
          return {
            cursor: String(this.#revision),
            reset: true,
            more: false,
            events: this.#events,
            oldest: 1,
            sampler: sampling(),
          }
        }),
      },
    }
  }
}

const NO_HISTORY: GroupHistory = { steps: [], members: [], gaps: [], membership: [], lost: 0 }

/** An event, about the group of `row`. */
export function anEvent(event: Partial<LoggedEvent> = {}, row = groupRow()): LoggedEvent {
  const at = event.at ?? '2026-11-30T14:41:37.000Z'
  return {
    id: 1,
    at,
    until: at,
    kind: 'joined',
    severity: null,
    key: keyOf(row),
    namespace: { inode: row.netns, name: 'host' },
    owner: row.owners[0]?.command ?? null,
    summary: 'nginx: 4 → 5 members',
    lost: null,
    finding: null,
    incident: null,
    generations: null,
    ...event,
  }
}

function keyOf(row: ReturnType<typeof groupRow>): NonNullable<LoggedEvent['key']> {
  const { id, netns, protocol, family, v6only, address, port, uid, user, sharing, evidence } = row
  return { id, netns, protocol, family, v6only, address, port, interface: row.interface, uid, user, sharing, evidence }
}
