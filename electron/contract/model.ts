/**
 * What there is: sockets that share a port, as groups with members. Snapshots, the terminal's `--json` and the streams
 * all speak in these shapes. `null` means unknown, never zero. Names are the kernel's and `ss`'s own.
 */
import { z } from 'zod'
import { list } from './list.ts'
import { SNAPSHOT_SCHEMA } from './meaning.ts'

export const Protocol = z.enum(['tcp', 'udp'])
export type Protocol = z.infer<typeof Protocol>

export const Family = z.enum(['ipv4', 'ipv6'])
export type Family = z.infer<typeof Family>

/** `bound` is TCP that has a port and does not listen. `connected` is UDP with a remote: it takes that remote's datagrams only. */
export const SocketState = z.enum(['listening', 'bound', 'unconnected', 'connected'])
export type SocketState = z.infer<typeof SocketState>

/**
 * How the members come to share the port. `reuseport`: SO_REUSEPORT, each has a queue and the kernel picks one.
 * `reuseaddr`: UDP with SO_REUSEADDR alone, the newest takes all. `inherited`: one socket, one queue, several processes.
 * `inherited`: one socket that several processes hold, with SO_REUSEPORT or without. `none`: a plain socket. `unknown`:
 * nothing readable tells, or the options of a lone socket were not read yet.
 */
export const Sharing = z.enum(['reuseport', 'reuseaddr', 'inherited', 'none', 'unknown'])
export type Sharing = z.infer<typeof Sharing>

/**
 * How we know. `co-listening`: two TCP listeners with one key cannot exist otherwise. `socket-option`: read from the
 * sockets themselves. `steering-oracle`: the kernel's own lookup spreads clients, or names the newest each time.
 * `proc-net`: they stand side by side in /proc/net, where the kernel has no sock_diag. That tells neither the interface
 * that a socket is bound to nor its options, so how they share stays `unknown` until those are read.
 */
export const Evidence = z.enum(['co-listening', 'socket-option', 'steering-oracle', 'bpf', 'proc-net', 'none'])
export type Evidence = z.infer<typeof Evidence>

/** TCP counts connections in the accept queue against the backlog; UDP bytes of receive memory against SO_RCVBUF. */
export const QueueUnit = z.enum(['connections', 'bytes'])
export type QueueUnit = z.infer<typeof QueueUnit>

export const Queue = z.object({
  length: z.number().int().nonnegative().nullable(),
  limit: z.number().int().nonnegative().nullable(),
  unit: QueueUnit,
})
export type Queue = z.infer<typeof Queue>

export const Holder = z.object({
  pid: z.number().int().positive(),
  fds: list(z.number().int().nonnegative()),
  /** As the process names itself (comm, 15 bytes): anything may stand in it. */
  command: z.string(),
  startedAt: z.iso.datetime().nullable(),
})
export type Holder = z.infer<typeof Holder>

export const Member = z.object({
  /**
   * SO_COOKIE: 64 bits, decimal, never used twice while the machine runs. null where the kernel has no sock_diag for the
   * protocol and only /proc/net told of the socket; then neither its queue's limit nor the drops of TCP are known.
   */
  cookie: z
    .string()
    .regex(/^\d{1,20}$/)
    .nullable(),
  inode: z.number().int().nonnegative(),
  uid: z.number().int().nonnegative(),
  user: z.string().nullable(),
  state: SocketState,
  queue: Queue,
  /**
   * What it lost for want of room since it was made. null where that is not known: of a listener with deferred accept
   * (TCP_DEFER_ACCEPT), or that may have it, for its counter then also counts healthy connections.
   */
  drops: z.number().int().nonnegative().nullable(),
  /** Processes that have a descriptor of the socket; null where no readable process has. */
  holders: list(Holder).nullable(),
  /** Processes that wait for it with epoll; null where that is not readable. */
  pollers: list(z.number().int().positive()).nullable(),
})
export type Member = z.infer<typeof Member>

/**
 * What names a member, in findings, streams and comparisons: its cookie, or `inode:N` where that is not known. A socket
 * keeps it for as long as it lives and is read from one source.
 */
export const MemberId = z.string().regex(/^(\d{1,20}|inode:\d{1,10})$/)
export type MemberId = z.infer<typeof MemberId>

export function memberId({ cookie, inode }: Pick<Member, 'cookie' | 'inode'>): MemberId {
  return cookie ?? `inode:${inode}`
}

/**
 * 16 hexadecimal digits, derived from what everybody who looks sees of the group, whatever they may read: the key, with
 * the lowest uid among the members. The same at every refresh and in every snapshot of one machine. Where rights do not
 * reach to tell apart those who share an endpoint by SO_REUSEPORT from others of the same user there, the two are one
 * group, with the id of the former.
 */
export const GroupId = z.string().regex(/^[0-9a-f]{16}$/, 'a group id has 16 hexadecimal digits')

/** What all members of a group have in common: the kernel's key, and what follows from it. */
export const GroupKey = z.object({
  id: GroupId,
  /** Inode of the network namespace. */
  netns: z.number().int().nonnegative(),
  protocol: Protocol,
  family: Family,
  v6only: z.boolean().nullable(),
  address: z.string(),
  port: z.number().int().min(0).max(65535),
  /** null where it is bound to none, and where it is not known (`evidence` is `proc-net`, or members have no cookie). */
  interface: z.string().nullable(),
  uid: z.number().int().nonnegative().nullable(),
  user: z.string().nullable(),
  sharing: Sharing,
  evidence: Evidence,
})
export type GroupKey = z.infer<typeof GroupKey>

export const Group = GroupKey.extend({
  members: list(Member),
  /** Summed over the members that receive. */
  queue: Queue,
  /** The same; null where it is not known of every one. */
  drops: z.number().int().nonnegative().nullable(),
})
export type Group = z.infer<typeof Group>

export const Severity = z.enum(['info', 'warning', 'critical'])
export type Severity = z.infer<typeof Severity>

/** A number that a finding rests on. */
export const FindingNumber = z.object({ name: z.string(), value: z.number().nullable(), unit: z.string().nullable() })
export type FindingNumber = z.infer<typeof FindingNumber>

/**
 * Something of this machine that a finding's text names. `program`: not a name but words that are only for the program
 * of that command.
 */
export const Reference = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('endpoint'),
    protocol: Protocol,
    address: z.string(),
    port: z.number().int().min(0).max(65535),
    interface: z.string().nullable(),
  }),
  z.object({ kind: z.literal('address'), address: z.string() }),
  z.object({ kind: z.literal('user'), uid: z.number().int().nonnegative(), user: z.string().nullable() }),
  z.object({ kind: z.literal('process'), pid: z.number().int().positive(), command: z.string().nullable() }),
  z.object({ kind: z.literal('command'), command: z.string() }),
  z.object({ kind: z.literal('program'), command: z.string() }),
])
export type Reference = z.infer<typeof Reference>

/** Where a text names something: from `at`, so many UTF-16 code units. In order, and never one within another. */
export const Mention = z.object({
  in: z.enum(['summary', 'explanation', 'advice']),
  at: z.number().int().nonnegative(),
  length: z.number().int().positive(),
  of: Reference,
})
export type Mention = z.infer<typeof Mention>

export const Finding = z.object({
  code: z.string(),
  severity: Severity,
  group: GroupId,
  /** Ids of the members that it is about (`MemberId`), the first 100 of them. */
  members: list(z.string()),
  summary: z.string(),
  /** The evidence. */
  numbers: list(FindingNumber),
  explanation: z.string(),
  advice: z.string(),
  /** All that these three texts name. */
  mentions: list(Mention),
})
export type Finding = z.infer<typeof Finding>

export const Namespace = z.object({
  inode: z.number().int().nonnegative(),
  /** The `ip netns` name, the container, or the oldest process in it; the inode's number where none is known. */
  name: z.string(),
  /** The one that the engine runs in. */
  self: z.boolean(),
})
export type Namespace = z.infer<typeof Namespace>

export const Host = z.object({
  hostname: z.string(),
  kernelRelease: z.string(),
  bootId: z.string().nullable(),
  /** Effective uid of the engine: what it may see depends on it. */
  uid: z.number().int().nonnegative(),
  /** Of the engine; null where /proc does not tell. */
  capabilities: list(z.string()).nullable(),
})
export type Host = z.infer<typeof Host>

/** What may be replaced by pseudonyms before a snapshot is shared (engine/snapshots/redact.ts). */
export const Redaction = z.enum(['hosts', 'addresses', 'users', 'commands'])
export type Redaction = z.infer<typeof Redaction>

/** What could not be read of the machine, or not in full. */
export const Shortfall = z.object({
  /**
   * `fault`: it failed this time, and sockets may be missing or stand here as they were last seen. `limitation`: it cannot
   * be had here; every socket is there, and less is known of each.
   */
  kind: z.enum(['fault', 'limitation']),
  /** The network namespace that it concerns; null where it is all of them. */
  netns: z.number().int().nonnegative().nullable(),
  asked: z.string(),
  happened: z.string(),
  remedy: z.string().nullable(),
})
export type Shortfall = z.infer<typeof Shortfall>

export const Snapshot = z.object({
  schema: z.literal(SNAPSHOT_SCHEMA),
  takenAt: z.iso.datetime(),
  durationMs: z.number().nonnegative(),
  host: Host,
  /** Those that change what a group does; one that this kernel lacks is left out. */
  sysctls: z.record(z.string(), z.union([z.number(), z.string()])),
  namespaces: list(Namespace),
  groups: list(Group),
  findings: list(Finding),
  /** Left out where everything was read. */
  shortfalls: list(Shortfall).optional(),
  /** What stands here as a pseudonym; left out where everything is as it was seen. */
  redacted: list(Redaction).optional(),
  /** Tells whether two redacted snapshots used one key, so that equal pseudonyms mean equal names. It tells nothing of the key. */
  redactionKey: z.string().max(64).optional(),
})
export type Snapshot = z.infer<typeof Snapshot>
