/** The events of network namespaces, and of the programs that steer groups. */
import type { GroupKey, Namespace } from '../../../contract/model.ts'
import { type EventSink, momentAt, namespaceOf } from './event-draft.ts'

export class PlaceEvents {
  readonly #sink: EventSink
  /** null until the first frame: what exists then did not appear. */
  #namespaces: ReadonlyMap<number, string> | null = null
  /** The summary of each group's program; null for none. */
  readonly #programs = new Map<string, string | null>()

  constructor(sink: EventSink) {
    this.#sink = sink
  }

  /** Takes the accessible network namespaces, at `at`, in milliseconds since 1970. `silent`: changes are no events. */
  namespaces(list: readonly Namespace[], at: number, silent = false): void {
    const before = this.#namespaces
    const same = before !== null && before.size === list.length && list.every(({ inode }) => before.has(inode))
    if (same) return
    const now = new Map(list.map(({ inode, name }) => [inode, name]))
    this.#namespaces = now
    if (before === null || silent) return
    const moment = momentAt(new Date(at).toISOString())
    const tell = (inode: number, name: string, what: string) =>
      this.#sink.put({
        ...moment,
        kind: 'namespace',
        namespace: { inode, name },
        summary: `network namespace ${name} ${what}`,
      })
    for (const [inode, name] of now) if (!before.has(inode)) tell(inode, name, 'appeared')
    for (const [inode, name] of before) if (!now.has(inode)) tell(inode, name, 'disappeared')
  }

  /** Takes the program of a group; null for none. What a group has when it is first seen is no event. */
  program(key: GroupKey, owner: string | null, program: string | null, at: number): void {
    const before = this.#programs.get(key.id)
    this.#programs.set(key.id, program)
    if (before === undefined || before === program) return
    const what =
      program === null
        ? `BPF program detached: ${before}`
        : before === null
          ? `BPF program attached: ${program}`
          : `BPF program replaced: ${program}`
    this.#sink.put({
      ...momentAt(new Date(at).toISOString()),
      kind: 'program',
      key,
      owner,
      namespace: namespaceOf(key, this.#sink),
      summary: what,
    })
  }

  forget(id: string): void {
    this.#programs.delete(id)
  }
}
