/**
 * The model: sockets that share a port, as groups with members. Snapshots, the terminal's `--json` and the streams all
 * use these shapes. `null` means unknown, never zero. Names are those of the kernel and of `ss`.
 */
import { z } from 'zod'
import { SNAPSHOT_SCHEMA } from './constants.ts'
import { FINDING_CODES } from './finding-types.ts'
import { RecentFlows } from './flows.ts'
import { GroupGiven, MemberGiven } from './given.ts'
import { GROUP_ID, MEMBER_ID } from './ids.ts'
import { KernelGroup } from './kernel-group.ts'
import { list } from './list.ts'
import { PROTOCOLS, REDACTIONS, SEVERITIES, SHARINGS, SOCKET_STATES } from './values.ts'

export const Protocol = z.enum(PROTOCOLS)
export type Protocol = z.infer<typeof Protocol>

export const Family = z.enum(['ipv4', 'ipv6'])
export type Family = z.infer<typeof Family>

/** `bound`: TCP with a port, not listening. `connected`: UDP with a peer, whose datagrams alone it receives. */
export const SocketState = z.enum(SOCKET_STATES)
export type SocketState = z.infer<typeof SocketState>

/**
 * How the members share the port. `reuseport`: SO_REUSEPORT; each has its own queue and the kernel picks one.
 * `reuseaddr`: UDP with SO_REUSEADDR alone; the newest receives all. `inherited`: one socket with one queue, held by
 * several processes, with SO_REUSEPORT or without. `none`: an unshared socket. `unknown`: not readable, or the options
 * of a single socket are not read yet.
 */
export const Sharing = z.enum(SHARINGS)
export type Sharing = z.infer<typeof Sharing>

/**
 * The evidence for `sharing`. `co-listening`: two TCP listeners with the same key cannot exist otherwise.
 * `socket-option`: read from the sockets themselves. `kernel-lookup`: the kernel lookup distributes clients, or
 * returns the newest socket each time. `bpf`: read from kernel structures by a BPF program, where the options are not
 * readable. `proc-net`: /proc/net lists
 * them side by side, on a kernel without sock_diag. It reports neither the bound interface nor options, so `sharing` is
 * `unknown` until the options are read.
 */
export const Evidence = z.enum(['co-listening', 'socket-option', 'kernel-lookup', 'bpf', 'proc-net', 'none'])
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
  /** The process's name (comm, 15 bytes). The process can set it to anything. */
  command: z.string(),
  startedAt: z.iso.datetime().nullable(),
})
export type Holder = z.infer<typeof Holder>

export const Member = z.object({
  /**
   * SO_COOKIE: 64 bits, decimal, never reused during a boot. null where the kernel has no sock_diag for the protocol
   * and the socket is known only from /proc/net; then its queue limit and, for TCP, its drops are unknown too.
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
   * Drops for lack of queue space since the socket was created. null where unknown: also for a listener that has, or
   * may have, TCP_DEFER_ACCEPT, because its counter then includes healthy connections.
   */
  drops: z.number().int().nonnegative().nullable(),
  /** What it is given; omitted where nothing is counted (`Snapshot.countsUnknownBecause`). */
  given: MemberGiven.optional(),
  /** Processes with a descriptor of the socket; null where no readable process has one. */
  holders: list(Holder).nullable(),
  /** Processes that wait for it with epoll; null where that is not readable. */
  pollers: list(z.number().int().positive()).nullable(),
})
export type Member = z.infer<typeof Member>

/**
 * Id of a member in findings, streams and comparisons: its cookie, or `inode:N` where that is unknown. It is constant
 * for a socket as long as it is read from the same source.
 */
export const MemberId = z.string().regex(MEMBER_ID)
export type MemberId = z.infer<typeof MemberId>

/**
 * 16 hexadecimal digits, derived from what every user can see: the key, with the lowest uid among the members. The same
 * in every refresh and every snapshot of one machine. Where permissions do not allow distinguishing sockets that share
 * an endpoint through SO_REUSEPORT from other sockets of the same user there, they form one group, with the id of the
 * former.
 */
export const GroupId = z.string().regex(GROUP_ID, 'a group id has 16 hexadecimal digits')

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
  /** null where it is bound to none, or unknown (`evidence` is `proc-net`, or members have no cookie). */
  interface: z.string().nullable(),
  uid: z.number().int().nonnegative().nullable(),
  user: z.string().nullable(),
  sharing: Sharing,
  evidence: Evidence,
})
export type GroupKey = z.infer<typeof GroupKey>

export const Group = GroupKey.extend({
  members: list(Member),
  /** Sum over the members that receive. */
  queue: Queue,
  /** Sum over the members that receive; null where it is unknown for any of them. */
  drops: z.number().int().nonnegative().nullable(),
  /** What its receiving members are given together; omitted where it is not counted for each of them. */
  given: GroupGiven.optional(),
  /**
   * The kernel's own groups with these sockets: usually one. Where several have one key, each is a group here as soon as
   * that is known; a UDP socket that was connected is in none. Omitted where unknown (`Snapshot.kernelGroupsUnknownBecause`).
   */
  kernelGroups: list(KernelGroup).optional(),
  /** Which clients went to which member; only where that was asked for (`Snapshot.flowsUnknownBecause`). */
  recentFlows: RecentFlows.optional(),
})
export type Group = z.infer<typeof Group>

export const Severity = z.enum(SEVERITIES)
export type Severity = z.infer<typeof Severity>

/** One number of a finding's evidence. */
export const FindingEvidence = z.object({ name: z.string(), value: z.number().nullable(), unit: z.string().nullable() })
export type FindingEvidence = z.infer<typeof FindingEvidence>

/**
 * Something that a finding's text names. `program`: text that applies only to the program with that command, not a
 * name.
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

/** Where a text names something: `length` UTF-16 code units from `at`. In order, and not nested. */
export const Mention = z.object({
  in: z.enum(['summary', 'explanation', 'advice']),
  at: z.number().int().nonnegative(),
  length: z.number().int().positive(),
  of: Reference,
})
export type Mention = z.infer<typeof Mention>

export const FindingCode = z.enum(FINDING_CODES)
export type FindingCode = z.infer<typeof FindingCode>

export const Finding = z.object({
  /** A `FindingCode`. A file of another version may contain others: they are kept, and shown by name. */
  code: z.string(),
  severity: Severity,
  group: GroupId,
  /** Ids of the affected members (`MemberId`), at most the first 100. */
  members: list(z.string()),
  summary: z.string(),
  /** The evidence. */
  evidence: list(FindingEvidence),
  explanation: z.string(),
  advice: z.string(),
  /** Everything that these three texts name. */
  mentions: list(Mention),
})
export type Finding = z.infer<typeof Finding>

export const Namespace = z.object({
  inode: z.number().int().nonnegative(),
  /** The `ip netns` name, the container, or the oldest process in it; the inode where none is known. */
  name: z.string(),
  /** The engine's own namespace. */
  self: z.boolean(),
})
export type Namespace = z.infer<typeof Namespace>

export const Host = z.object({
  hostname: z.string(),
  kernelRelease: z.string(),
  bootId: z.string().nullable(),
  /** Effective uid of the engine, which determines what it can see. */
  uid: z.number().int().nonnegative(),
  /** Capabilities of the engine; null where /proc does not show them. */
  capabilities: list(z.string()).nullable(),
})
export type Host = z.infer<typeof Host>

/** What can be replaced by pseudonyms before a snapshot is shared (engine/snapshots/redact.ts). */
export const Redaction = z.enum(REDACTIONS)
export type Redaction = z.infer<typeof Redaction>

/** Something that could not be read, or not in full. */
export const Shortfall = z.object({
  /**
   * `fault`: a temporary failure; sockets may be missing or outdated. `limitation`: not available on this machine;
   * every socket is listed, with less data.
   */
  kind: z.enum(['fault', 'limitation']),
  /** The affected network namespace; null where all are. */
  netns: z.number().int().nonnegative().nullable(),
  operation: z.string(),
  cause: z.string(),
  hint: z.string().nullable(),
})
export type Shortfall = z.infer<typeof Shortfall>

export const Snapshot = z.object({
  schema: z.literal(SNAPSHOT_SCHEMA),
  takenAt: z.iso.datetime(),
  durationMs: z.number().nonnegative(),
  host: Host,
  /** The sysctls that affect groups; one that this kernel lacks is left out. */
  sysctls: z.record(z.string(), z.union([z.number(), z.string()])),
  namespaces: list(Namespace),
  groups: list(Group),
  findings: list(Finding),
  /** Why no group has `kernelGroups`; omitted where they were read. */
  kernelGroupsUnknownBecause: z.string().optional(),
  /** When counting began what members are given; omitted where nothing is counted. */
  countedSince: z.iso.datetime().optional(),
  /** Why nothing is counted; omitted where it is. */
  countsUnknownBecause: z.string().optional(),
  /** Why no group has `recentFlows`, where they were asked for. */
  flowsUnknownBecause: z.string().optional(),
  /** Omitted where everything was read. */
  shortfalls: list(Shortfall).optional(),
  /** What was replaced by pseudonyms; omitted where nothing was. */
  redacted: list(Redaction).optional(),
  /**
   * Equal in snapshots redacted with the same key, where equal pseudonyms mean equal names. Reveals nothing about the
   * key.
   */
  redactionKeyId: z.string().max(64).optional(),
})
export type Snapshot = z.infer<typeof Snapshot>
