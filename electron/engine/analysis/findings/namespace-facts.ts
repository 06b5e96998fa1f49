/** What a network namespace's own counters and settings say: they confirm or refute what a queue suggests. */
import { readFileSync } from 'node:fs'
import type { Reader } from '../../../../native/index.ts'

/** The counters that findings look at, by the names of /proc/net/snmp and /proc/net/netstat. */
const COUNTERS = {
  EstabResets: 'Tcp',
  RcvbufErrors: 'Udp',
  ListenOverflows: 'TcpExt',
  ListenDrops: 'TcpExt',
  TCPDeferAcceptDrop: 'TcpExt',
  TCPMigrateReqSuccess: 'TcpExt',
  TCPMigrateReqFailure: 'TcpExt',
} as const
export type Counter = keyof typeof COUNTERS

export type NamespaceFacts = {
  /** How much a counter grew over the last looks; null where it is not known. */
  grown(counter: Counter): number | null
  /** net.core.somaxconn */
  readonly somaxconn: number | null
  /** net.ipv4.tcp_migrate_req; null where this kernel moves nothing (migrationIn()), or it could not be read. */
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

/** Settings change seldom, and are read anew with what hangs on them: a look `again`. */
const SETTINGS_MS = 10_000

/** A socket is called gone a look or two after it closed, so what closing did to the counters is looked for that far back. */
const LOOKS = 3

/** Both files as they were read, and what they say. */
type Counters = { readonly texts: readonly string[]; readonly values: ReadonlyMap<string, number> }

type Known = {
  /** The last looks, the newest first. */
  looks: Counters[]
  slot: number
  somaxconn: number | null
  migrates: boolean | null
  unprivilegedPortStart: number | null
  settingsAt: number
}

export class NamespaceFactsReader {
  readonly #reader: Pick<Reader, 'within'>
  readonly #known = new Map<number, Known>()

  constructor(reader: Pick<Reader, 'within'>) {
    this.#reader = reader
  }

  /** Reads a namespace's counters, once a slot; `again` brings those of this slot, and the settings, up to now. About 0.1 ms. */
  look(netns: number, slot: number, again = false): void {
    const known = this.#known.get(netns)
    if (known?.slot === slot && !again) return
    const earlier = known?.slot === slot ? known.looks.slice(1) : (known?.looks ?? [])
    const now = performance.now()
    const settings = known !== undefined && !again && now - known.settingsAt < SETTINGS_MS ? known : null
    try {
      // Both are those of the namespace that the reading thread is in.
      this.#known.set(
        netns,
        this.#reader.within(netns, () => ({
          looks: [readCounters(known?.looks[0]), ...earlier].slice(0, LOOKS),
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
      this.#known.delete(netns)
    }
  }

  facts(netns: number): NamespaceFacts {
    const known = this.#known.get(netns)
    if (known === undefined) return NO_FACTS
    const { looks, somaxconn, migrates, unprivilegedPortStart } = known
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
 * Counts what was moved from the queue of a listener that closed. It came with the code that moves (Linux 5.14, commits
 * d4f2c86b2b7e and 55d444b310c6); the setting net.ipv4.tcp_migrate_req alone proves nothing: Debian's 5.10 has it, and not the code.
 */
const MIGRATED = 'TCPMigrateReqSuccess' satisfies Counter

/** Whether the kernel can move what waits at a listener that closes, by its /proc/net/netstat. */
export function migrationIn(netstat: string): boolean {
  return parseCounters(netstat).has(MIGRATED)
}

/** The counters of /proc/net/snmp and netstat: a line of names, then a line of numbers, each begun with its table's name (proc(5)). */
export function parseCounters(text: string): Map<string, number> {
  const found = new Map<string, number>()
  const lines = text.split('\n')
  for (let line = 0; line + 1 < lines.length; line += 2) {
    const names = (lines[line] ?? '').split(' ')
    const numbers = (lines[line + 1] ?? '').split(' ')
    const table = names[0]?.slice(0, -1)
    for (const [column, name] of names.entries()) {
      const value = Number(numbers[column])
      if (COUNTERS[name as Counter] === table && Number.isFinite(value)) found.set(name, value)
    }
  }
  return found
}

/** Where nothing moved, which is most of the time of most namespaces, there is nothing to parse. */
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

/** Of the encodings only UTF-8 is read in one call, without a buffer of 64 KiB for a file that does not tell its size. */
function readText(path: string): string {
  return readFileSync(path, 'utf8')
}
