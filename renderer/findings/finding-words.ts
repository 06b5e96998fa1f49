/** What the page says about each kind of finding beside the engine's own sentences. */
import type { FindingRow } from '../../electron/contract/analysis.ts'

export type FindingWords = {
  /** At most three words, for a row of the groups table. */
  tag: string
  /** Goes on after the group's name: "tcp: old and new processes serve side by side." null: the finding's own sentence does, which names the member. */
  clause: string | null
  /** Where the numbers come from, and what they cannot tell. */
  source: string
}

/** The gravest kinds first: among findings of one severity the first one here speaks for the group. */
const WORDS = {
  'queue-overflowing': {
    tag: 'queue full',
    clause: null,
    source:
      'The kernel tells length, limit and drops of these very sockets (sock_diag). ListenOverflows is counted for the whole network namespace: it confirms that a queue overflowed, and does not say whose. Why the program does not accept is not visible from here.',
  },
  'member-stalled': {
    tag: 'stalled',
    clause: null,
    source:
      'The queue of each member was read at several refreshes in a row: these were never empty and never shorter, while others were. Who waits for a member with epoll is read from /proc where that is allowed. Why its process does not take anything is not visible from here.',
  },
  'port-hijackable': {
    tag: 'open to others',
    clause: 'sockets of other users can take its datagrams',
    source:
      'The owner of each socket comes from the kernel. SO_REUSEADDR and SO_REUSEPORT are read from the sockets themselves, through their owners’ descriptors; members that may not be looked at raise nothing.',
  },
  'reload-lost-connections': {
    tag: 'lost at reload',
    clause: 'members left with connections waiting',
    source:
      'What waited is what the last refresh before the members left had read. EstabResets and TCPMigrateReq are counted for the whole network namespace: they confirm a loss, and others may have added to them. Shown for a minute.',
  },
  'udp-receive-drops': {
    tag: 'dropping',
    clause: null,
    source:
      'The kernel counts drops for each of these sockets (sock_diag); what is said is what was added lately. RcvbufErrors is counted for the whole network namespace.',
  },
  'udp-not-read': {
    tag: 'not read',
    clause: 'datagrams wait, and nobody reads them',
    source:
      'The receive memory of each socket is read at each refresh (sock_diag). That nobody reads is concluded from a queue that never shrank.',
  },
  'backlog-clamped': {
    tag: 'backlog clamped',
    clause: 'its backlog ends at net.core.somaxconn, and fills up',
    source:
      'The limit of each queue and net.core.somaxconn are read. What the program asked listen(2) for cannot be read: that it was more is a guess from two equal numbers.',
  },
  'near-group-limit': {
    tag: 'near the limit',
    clause: 'it has nearly all the members that a group may have',
    source: 'The members are counted. The limit is the kernel’s own, and was measured.',
  },
  'imbalance-significant': {
    tag: 'uneven',
    clause: 'its connections are spread unevenly, beyond chance',
    source:
      'Established connections are counted by the process that holds them, and tested against equal shares (chi-square): each connection is one flow. Where they are uneven, sampled clients are looked up in the kernel to tell the hash from the processes. A BPF program that steers instead cannot be seen.',
  },
  'mixed-generations': {
    tag: 'old and new',
    clause: 'old and new processes serve side by side',
    source:
      'The start of each process that serves a member is read from /proc. Two bunches of one program that are further apart than each is wide are taken for two generations.',
  },
  'cpu-steering-partial': {
    tag: 'steered in part',
    clause: 'SO_INCOMING_CPU steers it only in part',
    source:
      'SO_INCOMING_CPU is read from the sockets themselves, through their owners’ descriptors. Members that may not be looked at are counted as neither.',
  },
  'udp-newest-takes-all': {
    tag: 'newest takes all',
    clause: 'only the newest socket receives',
    source:
      'How the sockets share the port is read from their options, or told by asking the kernel’s own lookup, which names the newest for every client.',
  },
  'group-shadowed': {
    tag: 'shadowed',
    clause: 'narrower sockets take a part of its traffic',
    source:
      'It follows from the addresses that these sockets are bound to, by the order in which the kernel looks them up. The path of a packet in the group’s own screen checks it against the kernel’s answer.',
  },
  'large-ipv6-group': {
    tag: 'large IPv6',
    clause: 'each further member joins more slowly',
    source: 'The members are counted. What joining costs was measured on another machine of this kind.',
  },
  'not-a-group': {
    tag: 'one queue',
    clause: 'several processes share one socket',
    source:
      'Processes with a descriptor of the socket are read from /proc; one that only hands it on to others is not counted as serving it. Processes that may not be looked at may be missing.',
  },
} as const satisfies Record<string, FindingWords>

/** Every kind that is looked for. */
export const FINDING_CODES: readonly string[] = Object.keys(WORDS)

/** The words for `code`; a kind that this page does not know yet is called by its code. */
export function wordsFor(code: string): FindingWords {
  if (Object.hasOwn(WORDS, code)) return WORDS[code as keyof typeof WORDS]
  const name = code.replaceAll('-', ' ')
  return { tag: name.split(' ').slice(0, 3).join(' '), clause: name, source: 'The engine says so.' }
}

export const SEVERITY_RANKS = { critical: 3, warning: 2, info: 1, none: 0 } as const

/** Higher speaks first: by severity, then by kind. */
export function compareGravity(a: Pick<FindingRow, 'code' | 'severity'>, b: typeof a): number {
  return SEVERITY_RANKS[b.severity] - SEVERITY_RANKS[a.severity] || placeOf(a.code) - placeOf(b.code)
}

function placeOf(code: string): number {
  const place = FINDING_CODES.indexOf(code)
  return place < 0 ? FINDING_CODES.length : place
}
