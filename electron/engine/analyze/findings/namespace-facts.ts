/** Counters and settings of a network namespace: they confirm or refute what a queue suggests. */
import { readFileSync } from 'node:fs'
import type { Reader } from '../../../../native/index.ts'
import { type Counter, parseCounters } from '../../collect/namespace-counters.ts'

export type NamespaceFacts = {
  /** How much a counter grew over the last LOOKS reads; null if unknown. */
  grown(counter: Counter): number | null
  /** net.core.somaxconn */
  readonly somaxconn: number | null
  /** net.ipv4.tcp_migrate_req; null if this kernel cannot migrate (migrationIn()), or the setting cannot be read. */
  readonly migrates: boolean | null
  /** net.ipv4.ip_unprivileged_port_start: lower ports need CAP_NET_BIND_SERVICE. */
  readonly unprivilegedPortStart: number | null
}

export const NO_FACTS: NamespaceFacts = {
  grown: () => null,
  somaxconn: null,
  migrates: null,
  unprivilegedPortStart: null,
}

/** How long settings are kept: they rarely change. A look with `again` always rereads them. */
const SETTINGS_MS = 10_000

/**
 * Reads that are compared: a socket counts as removed a read or two after it closed, and its effect is that far back.
 */
const READS = 3

/** Both files as read, and the counters in them. */
type Counters = { readonly texts: readonly string[]; readonly values: ReadonlyMap<string, number> }

type NamespaceHistory = {
  /** The last reads, the newest first. */
  reads: Counters[]
  slot: number
  somaxconn: number | null
  migrates: boolean | null
  unprivilegedPortStart: number | null
  settingsAt: number
}

export class NamespaceFactsReader {
  readonly #reader: Pick<Reader, 'within'>
  readonly #histories = new Map<number, NamespaceHistory>()

  constructor(reader: Pick<Reader, 'within'>) {
    this.#reader = reader
  }

  /**
   * Reads a namespace's counters, once per slot; `again` rereads them, and the settings, within a slot. About 0.1 ms.
   */
  read(netns: number, slot: number, again = false): void {
    const known = this.#histories.get(netns)
    if (known?.slot === slot && !again) return
    const earlier = known?.slot === slot ? known.reads.slice(1) : (known?.reads ?? [])
    const now = performance.now()
    const settings = known !== undefined && !again && now - known.settingsAt < SETTINGS_MS ? known : null
    try {
      // Both files show the network namespace of the reading thread.
      this.#histories.set(
        netns,
        this.#reader.within(netns, () => ({
          reads: [readCounters(known?.reads[0]), ...earlier].slice(0, READS),
          slot,
          ...(settings === null
            ? { ...readSettings(), settingsAt: now }
            : {
                somaxconn: settings.somaxconn,
                migrates: settings.migrates,
                unprivilegedPortStart: settings.unprivilegedPortStart,
                settingsAt: settings.settingsAt,
              }),
        })),
      )
    } catch {
      this.#histories.delete(netns)
    }
  }

  facts(netns: number): NamespaceFacts {
    const known = this.#histories.get(netns)
    if (known === undefined) return NO_FACTS
    const { reads: looks, somaxconn, migrates, unprivilegedPortStart } = known
    return {
      grown(counter) {
        const to = looks[0]?.values.get(counter)
        const from = looks.at(-1)?.values.get(counter)
        return to === undefined || from === undefined || looks.length < 2 ? null : to - from
      },
      somaxconn,
      migrates: looks[0]?.values.has(MIGRATED) ? migrates : null,
      unprivilegedPortStart,
    }
  }
}

/**
 * Counts connections migrated from the queue of a closed listener. It was added with the migration code (Linux 5.14,
 * commits d4f2c86b2b7e and 55d444b310c6). The setting net.ipv4.tcp_migrate_req alone proves nothing: Debian's 5.10 has
 * it without the code.
 */
const MIGRATED = 'TCPMigrateReqSuccess' satisfies Counter

/** Whether the kernel can migrate connections from a closing listener, judged by its /proc/net/netstat. */
export function migrationIn(netstat: string): boolean {
  return parseCounters(netstat).has(MIGRATED)
}

/** The counters of an open namespace; throws if they cannot be read. */
export function namespaceCounters(reader: Pick<Reader, 'within'>, netns: number): ReadonlyMap<string, number> {
  return reader.within(netns, () => readCounters(undefined)).values
}

/** Skips parsing if nothing changed, which is the usual case. */
function readCounters(before: Counters | undefined): Counters {
  const texts = ['snmp', 'netstat'].map((name) => readText(`/proc/thread-self/net/${name}`))
  if (before?.texts.every((text, index) => text === texts[index])) return before
  return { texts, values: new Map(texts.flatMap((text) => [...parseCounters(text)])) }
}

function readSettings() {
  const migrates = readNumber('/proc/sys/net/ipv4/tcp_migrate_req')
  return {
    somaxconn: readNumber('/proc/sys/net/core/somaxconn'),
    migrates: migrates === null ? null : migrates !== 0,
    unprivilegedPortStart: readNumber('/proc/sys/net/ipv4/ip_unprivileged_port_start'),
  }
}

function readNumber(path: string): number | null {
  try {
    return Number(readText(path))
  } catch {
    return null
  }
}

/** UTF-8 is the only encoding that Node reads in one call, without a 64 KiB buffer for a file of unknown size. */
function readText(path: string): string {
  return readFileSync(path, 'utf8')
}
