/**
 * Answers to questions about groups: who gets a client, whether the load is even, what a change of members does, and
 * what is wrong. Steering is always that by hash: a BPF program that decides instead cannot be seen from outside.
 */
import { z } from 'zod'
import { Position, Sampling } from './live.ts'
import { Family, Finding, GroupId, GroupKey, Member, Protocol } from './model.ts'

const Port = z.number().int().min(1, 'a port is 1 to 65535').max(65535, 'a port is 1 to 65535')
const Share = z.number().min(0).max(1)

/** One end of a flow. The address as text, without brackets and without a zone (`%eth0`). */
export const Endpoint = z.object({ address: z.string().min(1).max(64), port: Port })
export type Endpoint = z.infer<typeof Endpoint>

/** Where a packet arrives. */
export const Destination = z.object({
  /** Name or inode of a network namespace; the engine's own where it is left out. */
  netns: z.string().max(200).optional(),
  protocol: Protocol,
  /** The address that the client sends to. A wildcard stands for any address that no socket is bound to. */
  local: Endpoint,
  /** Name of the interface by which the packet comes in; where it is left out, the one that the route tells. */
  interface: z.string().min(1).max(15).optional(),
})
export type Destination = z.infer<typeof Destination>

export const Flow = Destination.extend({ remote: Endpoint })
export type Flow = z.infer<typeof Flow>

/** How a packet comes in, by the kernel's routing. */
export const Arrival = z.object({
  /** `local`: the namespace takes it. `unreachable`: no such packet arrives, whatever sockets there are. `unknown`: routing could not be asked. */
  reach: z.enum(['local', 'unreachable', 'unknown']),
  /** The question named the interface; otherwise it follows the route. */
  named: z.boolean(),
  /** One sentence: why this interface, or why it does not arrive. */
  reason: z.string(),
})
export type Arrival = z.infer<typeof Arrival>

/**
 * Something that decides before a socket is looked up. `none`: looked for, and nothing there concerns this packet.
 * `rewrites`: it certainly sends the packet elsewhere. `may`: it is there, and whether it does is not known.
 * `not-allowed` and `failed`: not looked for. `absent`: this kernel has it not.
 */
export const EarlierStep = z.object({
  what: z.enum(['nftables', 'iptables', 'ipvs', 'xdp', 'sk-lookup']),
  state: z.enum(['none', 'rewrites', 'may', 'not-allowed', 'failed', 'absent']),
  detail: z.string(),
})
export type EarlierStep = z.infer<typeof EarlierStep>

/** A destination with its names resolved, as it was asked of the kernel. */
const Asked = z.object({
  netns: z.number().int().nonnegative(),
  protocol: Protocol,
  family: Family,
  local: Endpoint,
  /** By which the packet comes in; null where that is not known. */
  interface: z.string().nullable(),
  arrival: Arrival,
  /** What decides before the lookup. */
  before: z.array(EarlierStep),
})

// ── The steering oracle ───────────────────────────────────────────────────────────────────────────────────────────────

/**
 * How it came to the member. `hash`: picked among the members of a group. `cpu`: among those whose SO_INCOMING_CPU is
 * the receiving CPU. `lone`: the only socket. `newest`: it shares by SO_REUSEADDR, and the newest takes all.
 * `connected`: a UDP socket connected to this very client. `connection`: a live or TIME_WAIT connection of this client
 * answered in the listener's place. `nobody`: no socket takes it. `unreachable`: no such packet arrives. `rewritten`: it
 * is sent elsewhere before the lookup. `unknown`: the kernel named a socket, and what it shares with whom is not known.
 */
export const SteeredBy = z.enum([
  'hash',
  'cpu',
  'lone',
  'newest',
  'connected',
  'connection',
  'nobody',
  'unreachable',
  'rewritten',
  'unknown',
])
export type SteeredBy = z.infer<typeof SteeredBy>

/** Which member one client reaches: the kernel's own answer, and what it is worth. */
export const Probe = Asked.extend({
  remote: Endpoint,
  /** null where nobody takes it, where a connection answers, or where the socket left in the meantime. */
  member: Member.nullable(),
  group: GroupKey.nullable(),
  /** Sockets at the very same endpoint that are not of the member's group: they get nothing of this traffic. */
  beside: z.array(z.object({ cookie: z.string(), group: GroupId })),
  by: SteeredBy,
  /** One sentence: why this member, or why none. */
  reason: z.string(),
  /** What may make the truth another one. */
  warnings: z.array(z.string()),
})
export type Probe = z.infer<typeof Probe>

/** How evenly something is spread over members. Ratios are null where they cannot be told: nothing to spread, or a member with nothing. */
export const Spread = z.object({
  members: z.number().int().nonnegative(),
  total: z.number().nonnegative(),
  mean: z.number().nonnegative(),
  max: z.number().nonnegative(),
  min: z.number().nonnegative(),
  maxOverMean: z.number().nullable(),
  maxOverMin: z.number().nullable(),
  /** Jain's index: 1 is even, 1/members is all at one. */
  jain: z.number().nullable(),
})
export type Spread = z.infer<typeof Spread>

/** A spread of independent flows, which alone a chi-square test may judge: packets of one flow go together. */
export const FlowSpread = Spread.extend({
  /** Against equal shares. */
  chiSquare: z.number().nonnegative(),
  degreesOfFreedom: z.number().int().nonnegative(),
  /** Probability of a spread at least this uneven where every member is equally likely. null: fewer than five flows a member, or one member. */
  p: Share.nullable(),
})
export type FlowSpread = z.infer<typeof FlowSpread>

export const MapQuestion = Destination.extend({
  /** How many clients to ask for. */
  clients: z.number().int().min(1, 'at least one client').max(65_536, 'at most 65,536 clients').default(4096),
  /** Where they come from, as ADDRESS/LENGTH. Without it: documentation ranges, that nobody uses. */
  prefix: z.string().max(64).optional(),
})
export type MapQuestion = z.input<typeof MapQuestion>

/** Who gets thousands of clients. */
export const SteeringMap = Asked.extend({
  clients: z.number().int().nonnegative(),
  prefix: z.string(),
  durationMs: z.number().nonnegative(),
  /** Members that were named, and those of their groups that were not. */
  shares: z.array(
    z.object({
      cookie: z.string(),
      group: GroupId.nullable(),
      clients: z.number().int().nonnegative(),
      share: Share,
    }),
  ),
  /** Clients that reach nobody. */
  nobody: z.number().int().nonnegative(),
  /** Clients with a live or TIME_WAIT connection, which answered instead. */
  connections: z.number().int().nonnegative(),
  /** Of the clients that reached a member; null where none did. */
  spread: FlowSpread.nullable(),
  sentence: z.string(),
  warnings: z.array(z.string()),
})
export type SteeringMap = z.infer<typeof SteeringMap>

// ── The path of a packet ──────────────────────────────────────────────────────────────────────────────────────────────

/** Sockets of one group that the kernel's lookup treats alike. */
export const Contender = z.object({
  group: GroupKey,
  state: z.enum(['listening', 'bound', 'unconnected', 'connected']),
  sockets: z.number().int().positive(),
  /** `exact`: bound to the packet's address, looked at first. `wildcard`: looked at where the first pass found nobody. null: in neither. */
  pass: z.enum(['exact', 'wildcard']).nullable(),
  /** As compute_score() of the kernel gives it; null where it gives -1. */
  score: z.number().int().nullable(),
  /** What the score is made of. */
  points: z.array(z.object({ what: z.string(), points: z.number().int() })),
  outcome: z.enum(['won', 'lost', 'excluded', 'not-reached']),
  /** Why it came to this, in words. */
  reason: z.string(),
})
export type Contender = z.infer<typeof Contender>

/** What happens to one packet, step by step, and whether the kernel's own answer agrees. */
export const PacketPath = Asked.extend({
  remote: Endpoint,
  contenders: z.array(Contender),
  /** The group that wins by the rules; null where nobody does. */
  winner: GroupKey.nullable(),
  /** The order of the kernel's list, newer or older first, decides between groups. */
  orderDecides: z.boolean(),
  /** Who picked the member, among how many. */
  choice: z.object({ by: SteeredBy, among: z.number().int().nonnegative() }),
  /** The kernel's own answer. */
  oracle: Probe,
  /** Whether the oracle named a member of `winner`; null where a connection answered in its place. */
  agrees: z.boolean().nullable(),
  /** Processes that are woken to read it; null where that is not known. */
  wakes: z.array(z.object({ pid: z.number().int(), command: z.string(), how: z.enum(['epoll', 'holds']) })).nullable(),
  /** The same as sentences. */
  steps: z.array(z.string()),
  warnings: z.array(z.string()),
})
export type PacketPath = z.infer<typeof PacketPath>

// ── Who has a port ────────────────────────────────────────────────────────────────────────────────────────────────────

export const PortQuestion = z.object({
  port: Port,
  /** Name or inode of a network namespace; all that are open where it is left out. */
  netns: z.string().max(200).optional(),
  protocol: Protocol.optional(),
})
export type PortQuestion = z.infer<typeof PortQuestion>

/** One socket that has the port as its local one. */
export const PortHolder = z.object({
  netns: z.number().int().nonnegative(),
  protocol: Protocol,
  family: Family,
  /** As `ss` names it: of a member of a group its state, of a TCP connection that connection's. */
  state: z.string(),
  address: z.string(),
  /** null for one without a peer. */
  remote: z.object({ address: z.string(), port: z.number().int() }).nullable(),
  cookie: Member.shape.cookie,
  /** null where no process is known: a connection in TIME_WAIT belongs to no process any more. */
  user: z.string().nullable(),
  holders: z.array(z.object({ pid: z.number().int().positive(), command: z.string() })).nullable(),
  /** The group that it is a member of; null for a connection. */
  group: GroupId.nullable(),
})
export type PortHolder = z.infer<typeof PortHolder>

/** Whether this user could bind the port at every address (0.0.0.0, and `::` beside it), by what is known of those who have it. */
export const PortBind = z.object({
  netns: z.number().int().nonnegative(),
  protocol: Protocol,
  /** What the socket sets before bind(2). */
  option: z.enum(['none', 'SO_REUSEADDR', 'SO_REUSEPORT']),
  /** null: it is not known, see `unknown`. */
  succeeds: z.boolean().nullable(),
  /** What bind(2) fails with; null where it does not, or that is not known. EACCES: the port is privileged (ip(7)). */
  error: z.enum(['EACCES', 'EADDRINUSE']).nullable(),
  /** What `succeeds: null` depends on. `options`: those of the sockets that have it, which may not be read. `unseen`: sockets that are not looked at here and could have it (see `limitations`). `privilege`: from which port on this user may bind, which could not be read. */
  unknown: z.enum(['options', 'unseen', 'privilege']).nullable(),
})
export type PortBind = z.infer<typeof PortBind>

/** Who has a port: listeners and other members of groups, and TCP connections, those in TIME_WAIT too. */
export const PortUse = z.object({
  port: Port,
  /** The first 1000. */
  holders: z.array(PortHolder),
  omitted: z.number().int().nonnegative(),
  binds: z.array(PortBind),
  sentence: z.string(),
  /** Sockets that could have the port and are not looked at here, and why: one sentence each. */
  limitations: z.array(z.string()),
})
export type PortUse = z.infer<typeof PortUse>

// ── Balance ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What one member has of everything, null where it is not known. */
export const MemberLoad = z.object({
  cookie: Member.shape.cookie,
  inode: z.number().int().nonnegative(),
  queue: z.number().int().nonnegative().nullable(),
  drops: z.number().int().nonnegative().nullable(),
  /** Clients of the sample that the oracle sends here. */
  flows: z.number().int().nonnegative().nullable(),
  pids: z.array(z.number().int().positive()),
})
export type MemberLoad = z.infer<typeof MemberLoad>

/** Established TCP connections at the group's address and port, by the process that holds them. */
export const Connections = z.object({
  processes: z.array(
    z.object({
      pid: z.number().int().positive(),
      command: z.string(),
      established: z.number().int().nonnegative(),
    }),
  ),
  /** Accepted connections of which no owner may be seen, or that were accepted since /proc was read. */
  ownersHidden: z.number().int().nonnegative(),
  /** Connections that wait in accept queues. */
  waiting: z.number().int().nonnegative(),
  /** An estimate: connections that were not there at the question before, by its age. Shorter ones are missed. null at the first question. */
  newPerSecond: z.number().nonnegative().nullable(),
  /** Over the processes that have a part in the group. */
  spread: FlowSpread.nullable(),
})
export type Connections = z.infer<typeof Connections>

export const BalanceQuestion = z.object({
  id: GroupId,
  /** Clients to ask the oracle for; 0 to leave it. */
  clients: z.number().int().min(0).max(65_536, 'at most 65,536 clients').default(4096),
})

export const Balance = z.object({
  group: GroupKey,
  takenAt: z.iso.datetime(),
  members: z.array(MemberLoad),
  queue: Spread.nullable(),
  drops: Spread.nullable(),
  flows: FlowSpread.nullable(),
  /** null for UDP, and where they could not be read. */
  connections: Connections.nullable(),
  /**
   * Of the worst of all spreads. `even`: as even as chance allows. `hash` and `workers`: where unevenness comes from.
   * `queues`: clients are spread evenly as far as is known, and one member has nearly all that is queued, or nearly all
   * drops since its socket was made. `unknown`: too little to tell.
   */
  verdict: z.enum(['even', 'hash', 'workers', 'queues', 'unknown']),
  /** In words, with the size of the sample. */
  sentence: z.string(),
  warnings: z.array(z.string()),
})
export type Balance = z.infer<typeof Balance>

// ── What if ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export const WhatIfQuestion = z.object({
  id: GroupId,
  /** How many members there would be. */
  members: z.number().int().min(0).max(32_768, 'a group holds at most 32,768 sockets'),
})

/** Shares of flows that would be looked up to another member. One that is looked up once only, as a TCP connection is, does not move. */
export const Moved = z.object({
  /** All that map elsewhere. */
  moved: Share,
  /** Of those, what must: flows of members that leave. */
  ofThoseThatLeft: Share,
})
export type Moved = z.infer<typeof Moved>

export const WhatIf = z.object({
  group: GroupKey,
  from: z.number().int().nonnegative(),
  to: z.number().int().nonnegative(),
  /** On average over which members leave; for a growing group exactly. */
  expected: Moved,
  /** The members that joined last leave first, as when a server lowers its number of workers. null for a growing group. */
  newestLeave: Moved.nullable(),
  /** The members that joined first leave first, as when old workers are replaced. null for a growing group. */
  oldestLeave: Moved.nullable(),
  sentence: z.string(),
})
export type WhatIf = z.infer<typeof WhatIf>

// ── Findings ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One finding as a list shows it. */
export const FindingRow = Finding.extend({
  /** `code:group`: what `mutedFindings` of the settings names, as it does a bare code. */
  id: z.string(),
  key: GroupKey,
  /** null in a snapshot, which does not tell. */
  raisedAt: z.iso.datetime().nullable(),
  muted: z.boolean(),
})
export type FindingRow = z.infer<typeof FindingRow>

/** The stream of findings, in the manner of live.ts. */
export const FindingsChange = z.object({
  position: Position,
  reset: z.boolean(),
  more: z.boolean(),
  /** Ids of findings that cleared. To be applied before `rows`. */
  gone: z.array(z.string()),
  rows: z.array(FindingRow),
  sampling: Sampling,
})
export type FindingsChange = z.infer<typeof FindingsChange>
