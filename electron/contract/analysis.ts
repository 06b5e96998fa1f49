/**
 * Analyses of groups: which member receives a client, whether the load is even, what a change of members does, and
 * findings. Where a BPF program is attached to a group, it decides instead of the hash; where that cannot be known, a
 * warning says so.
 */
import { z } from 'zod'
import { list } from './list.ts'
import { SamplerStatus, StreamChange } from './live.ts'
import { Family, Finding, GroupId, GroupKey, Member, Protocol } from './model.ts'

const Port = z.number().int().min(1, 'a port is 1 to 65535').max(65535, 'a port is 1 to 65535')
const Share = z.number().min(0).max(1)

/** One end of a flow. The address as text, without brackets and without a zone (`%eth0`). */
export const Endpoint = z.object({ address: z.string().min(1).max(64), port: Port })
export type Endpoint = z.infer<typeof Endpoint>

/** Where a packet arrives. */
export const Destination = z.object({
  /** Name or inode of a network namespace; the engine's own if omitted. */
  netns: z.string().max(200).optional(),
  protocol: Protocol,
  /** The destination address. A wildcard stands for any address that no socket is bound to. */
  local: Endpoint,
  /** Name of the ingress interface; if omitted, the route decides. */
  interface: z.string().min(1).max(15).optional(),
})
export type Destination = z.infer<typeof Destination>

export const Flow = Destination.extend({ remote: Endpoint })
export type Flow = z.infer<typeof Flow>

/** How a packet arrives, by the kernel's routing. */
export const Arrival = z.object({
  /**
   * `local`: the namespace accepts it. `unreachable`: no such packet arrives, whatever sockets exist. `unknown`:
   * routing could not be read.
   */
  reach: z.enum(['local', 'unreachable', 'unknown']),
  /** The request named the interface; otherwise it follows from the route. */
  interfaceGiven: z.boolean(),
  /** One sentence: why this interface, or why it does not arrive. */
  reason: z.string(),
})
export type Arrival = z.infer<typeof Arrival>

/**
 * A mechanism that acts before the socket lookup. `none`: checked, and nothing affects this packet. `redirects`: it
 * redirects the packet. `possible`: it is present, and whether it redirects this packet is unknown. `not-allowed` and
 * `failed`: not checked. `unsupported`: this kernel does not have it.
 */
export const EarlierStep = z.object({
  kind: z.enum(['nftables', 'iptables', 'ipvs', 'xdp', 'vrf', 'sk-lookup']),
  state: z.enum(['none', 'redirects', 'possible', 'not-allowed', 'failed', 'unsupported']),
  detail: z.string(),
})
export type EarlierStep = z.infer<typeof EarlierStep>

/** A destination with its names resolved, as passed to the kernel. */
const Query = z.object({
  netns: z.number().int().nonnegative(),
  protocol: Protocol,
  family: Family,
  local: Endpoint,
  /** The ingress interface; null where it is unknown. */
  interface: z.string().nullable(),
  arrival: Arrival,
  /** What acts before the lookup. */
  beforeLookup: z.array(EarlierStep),
})

// ── The kernel lookup ─────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * How the member was selected. `hash`: among the members of a group. `program`: by the BPF program attached to the
 * group; the member is null where its answer depends on more than the client. `cpu`: among those whose SO_INCOMING_CPU is the
 * receiving CPU. `single`: the only socket. `newest`: they share through SO_REUSEADDR, and the newest receives all.
 * `connected`: a UDP socket connected to this client. `connection`: an existing or TIME_WAIT connection of this client
 * matched instead of a listener. `none`: no socket receives it. `unreachable`: no such packet arrives. `redirected`:
 * it is redirected before the lookup. `unknown`: the kernel returned a socket, and how that shares its port is unknown.
 */
export const SteeredBy = z.enum([
  'hash',
  'program',
  'cpu',
  'single',
  'newest',
  'connected',
  'connection',
  'none',
  'unreachable',
  'redirected',
  'unknown',
])
export type SteeredBy = z.infer<typeof SteeredBy>

/** Which member one client reaches, by kernel lookup. */
export const Probe = Query.extend({
  remote: Endpoint,
  /**
   * null where no socket receives it, a connection matched, a program decides in a way that is not known here, or the
   * socket was closed meanwhile.
   */
  member: Member.nullable(),
  group: GroupKey.nullable(),
  /** Sockets at the same endpoint outside the member's group: they receive none of this traffic. */
  otherSockets: z.array(z.object({ cookie: z.string(), group: GroupId })),
  steeredBy: SteeredBy,
  /** One sentence: why this member, or why none. */
  reason: z.string(),
  /** What could make the result wrong. */
  warnings: z.array(z.string()),
})
export type Probe = z.infer<typeof Probe>

/**
 * How evenly something is distributed over members. Ratios are null where undefined: a total of 0, or a member with 0.
 */
export const Spread = z.object({
  members: z.number().int().nonnegative(),
  total: z.number().nonnegative(),
  mean: z.number().nonnegative(),
  max: z.number().nonnegative(),
  min: z.number().nonnegative(),
  maxOverMean: z.number().nullable(),
  maxOverMin: z.number().nullable(),
  /** Jain's index: 1 is even, 1/members is everything at one member. */
  jain: z.number().nullable(),
})
export type Spread = z.infer<typeof Spread>

/** A spread of independent flows. Only those suit a chi-square test: packets of one flow go to the same member. */
export const FlowSpread = Spread.extend({
  /** Against equal shares. */
  chiSquare: z.number().nonnegative(),
  degreesOfFreedom: z.number().int().nonnegative(),
  /**
   * Probability of a spread at least this uneven if every member is equally likely. null: fewer than five flows per
   * member, or one member.
   */
  p: Share.nullable(),
})
export type FlowSpread = z.infer<typeof FlowSpread>

export const MapRequest = Destination.extend({
  /** How many clients to look up. */
  clients: z.number().int().min(1, 'at least one client').max(65_536, 'at most 65,536 clients').default(4096),
  /** Their source prefix, as ADDRESS/LENGTH; if omitted, unused documentation ranges. */
  prefix: z.string().max(64).optional(),
})
export type MapRequest = z.input<typeof MapRequest>

/** How thousands of clients are distributed over the members. */
export const SteeringMap = Query.extend({
  clients: z.number().int().nonnegative(),
  prefix: z.string(),
  durationMs: z.number().nonnegative(),
  /** Members that clients reach, and the other members of their groups. */
  shares: z.array(
    z.object({
      cookie: z.string(),
      group: GroupId.nullable(),
      clients: z.number().int().nonnegative(),
      share: Share,
    }),
  ),
  /** Clients that reach no socket. */
  unserved: z.number().int().nonnegative(),
  /** Clients whose existing or TIME_WAIT connection matched instead. */
  connections: z.number().int().nonnegative(),
  /** Clients for which a BPF program decides in a way that is not known from their addresses and ports. */
  undetermined: z.number().int().nonnegative(),
  /** Of the clients that reach a member; null where none does, or some are undetermined. */
  spread: FlowSpread.nullable(),
  summary: z.string(),
  warnings: z.array(z.string()),
})
export type SteeringMap = z.infer<typeof SteeringMap>

// ── The path of a packet ──────────────────────────────────────────────────────────────────────────────────────────────

/** Sockets of one group that the kernel's lookup treats alike. */
export const Candidate = z.object({
  group: GroupKey,
  state: z.enum(['listening', 'bound', 'unconnected', 'connected']),
  sockets: z.number().int().positive(),
  /**
   * `exact`: bound to the packet's address, tried first. `wildcard`: tried where the first pass found none. null: in
   * neither.
   */
  pass: z.enum(['exact', 'wildcard']).nullable(),
  /** The kernel's compute_score(); null where that is -1. */
  score: z.number().int().nullable(),
  /** The parts of the score. */
  points: z.array(z.object({ name: z.string(), points: z.number().int() })),
  outcome: z.enum(['won', 'lost', 'excluded', 'not-reached']),
  /** Why, in a sentence. */
  reason: z.string(),
})
export type Candidate = z.infer<typeof Candidate>

/** What happens to one packet, step by step, and whether the kernel lookup agrees. */
export const PacketPath = Query.extend({
  remote: Endpoint,
  candidates: z.array(Candidate),
  /** The group that wins by the rules; null where none does. */
  winner: GroupKey.nullable(),
  /** The order of the kernel's list, newer or older first, decides between groups. */
  orderDecides: z.boolean(),
  /** How the member was selected, among how many. */
  choice: z.object({ steeredBy: SteeredBy, among: z.number().int().nonnegative() }),
  /** The kernel lookup. */
  lookup: Probe,
  /** Whether the lookup returned a member of `winner`; null where it returned none, or a connection matched instead. */
  agrees: z.boolean().nullable(),
  /** Processes that are woken to read it; null where unknown. */
  wakes: z.array(z.object({ pid: z.number().int(), command: z.string(), how: z.enum(['epoll', 'holds']) })).nullable(),
  /** The path as sentences. */
  steps: z.array(z.string()),
  warnings: z.array(z.string()),
})
export type PacketPath = z.infer<typeof PacketPath>

// ── Balance ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The load of one member; null where unknown. */
export const MemberLoad = z.object({
  cookie: Member.shape.cookie,
  inode: z.number().int().nonnegative(),
  queue: z.number().int().nonnegative().nullable(),
  drops: z.number().int().nonnegative().nullable(),
  /** Clients of the sample that reach this member, by hash. */
  flows: z.number().int().nonnegative().nullable(),
  /** Connections or datagrams that it was really given since `Balance.givenSince`. */
  given: z.number().int().nonnegative().nullable(),
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
  /** Accepted connections whose owner is not visible, or that were accepted after /proc was read. */
  ownersHidden: z.number().int().nonnegative(),
  /** Connections in accept queues. */
  queued: z.number().int().nonnegative(),
  /**
   * An estimate: connections new since the previous request, divided by the time since. Misses shorter ones. null at
   * the first request.
   */
  newPerSecond: z.number().nonnegative().nullable(),
  /** Over the processes that hold members of the group. */
  spread: FlowSpread.nullable(),
})
export type Connections = z.infer<typeof Connections>

/** TCP connections in the accept queues of a group. The kernel does not tell in which queue each of them is. */
export const Waiting = z.object({
  connections: z.number().int().nonnegative(),
  /** Of these, those whose client has closed its side, so that most likely nobody waits for an answer. */
  abandoned: z.number().int().nonnegative(),
  /** How long the oldest one has been waiting; null where there is none, or the kernel does not tell. */
  oldestMs: z.number().int().nonnegative().nullable(),
  /** The 20 that have been waiting longest, the oldest first. */
  oldest: list(
    z.object({
      address: z.string(),
      port: z.number().int().min(0).max(65_535),
      waitedMs: z.number().int().nonnegative().nullable(),
      abandoned: z.boolean(),
    }),
  ),
})
export type Waiting = z.infer<typeof Waiting>

export const BalanceRequest = z.object({
  id: GroupId,
  /** Clients to look up; 0 for none. */
  clients: z.number().int().min(0).max(65_536, 'at most 65,536 clients').default(4096),
  /** First count for this long what members are given, in milliseconds, unless it is being counted already. */
  countMs: z.number().int().min(0).max(600_000, 'at most ten minutes').default(0),
})

export const Balance = z.object({
  group: GroupKey,
  takenAt: z.iso.datetime(),
  members: z.array(MemberLoad),
  queue: Spread.nullable(),
  drops: Spread.nullable(),
  /** Of sampled clients by hash; null where a BPF program decides instead, or nothing was sampled. */
  flows: FlowSpread.nullable(),
  /**
   * Of what members were really given, drops excluded; null where that is not counted. For TCP with the test against
   * equal shares: each connection is a flow. Datagrams of one flow go to one member, so for UDP there is no such test.
   */
  given: z.union([FlowSpread, Spread]).nullable(),
  /** Since when: counting began, or a member joined or left. null where nothing is counted. */
  givenSince: z.iso.datetime().nullable(),
  givenUnknownBecause: z.string().nullable(),
  /** null for UDP, and where they could not be read. */
  connections: Connections.nullable(),
  /**
   * Of the least even spread. `even`: as even as chance allows. `hash`, `program` and `workers`: the cause of unevenness;
   * `program` also where a BPF program decides about datagrams, whether evenly or not. `given`: the hash is fair, or was
   * not sampled, and what members were really given is uneven. `queues`: clients are distributed evenly as far as is
   * known, but a few members have nearly everything queued, or nearly all drops since their sockets were created.
   * `unknown`: not enough data.
   */
  verdict: z.enum(['even', 'hash', 'program', 'given', 'workers', 'queues', 'unknown']),
  /** The verdict as a sentence, with the sample size. */
  summary: z.string(),
  warnings: z.array(z.string()),
})
export type Balance = z.infer<typeof Balance>

// ── What if ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export const WhatIfRequest = z.object({
  id: GroupId,
  /** The new number of members. */
  members: z.number().int().min(0).max(32_768, 'a group holds at most 32,768 sockets'),
})

/**
 * Shares of flows whose lookup would return another member. Established TCP connections do not move: they are looked up
 * once.
 */
export const MovedFlows = z.object({
  /** All flows that would move. */
  moved: Share,
  /** Of these, the flows of removed members, which have to move. */
  unavoidable: Share,
})
export type MovedFlows = z.infer<typeof MovedFlows>

export const WhatIf = z.object({
  group: GroupKey,
  from: z.number().int().nonnegative(),
  to: z.number().int().nonnegative(),
  /** Averaged over which members leave; exact for a growing group. */
  expected: MovedFlows,
  /** If the newest members leave first, as when a server reduces its workers. null for a growing group. */
  newestLeave: MovedFlows.nullable(),
  /** If the oldest members leave first, as when workers are replaced. null for a growing group. */
  oldestLeave: MovedFlows.nullable(),
  summary: z.string(),
})
export type WhatIf = z.infer<typeof WhatIf>

// ── Findings ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One finding in a list. */
export const FindingRow = Finding.extend({
  /** `code:group`. The setting `mutedFindings` contains such ids, or bare codes. */
  id: z.string(),
  key: GroupKey,
  /** null in a snapshot. */
  raisedAt: z.iso.datetime().nullable(),
  muted: z.boolean(),
})
export type FindingRow = z.infer<typeof FindingRow>

/** The stream of findings (see live.ts). */
export const FindingsChange = StreamChange.extend({
  /** Ids of findings that cleared. Apply before `rows`. */
  removed: z.array(z.string()),
  rows: z.array(FindingRow),
  sampler: SamplerStatus,
})
export type FindingsChange = z.infer<typeof FindingsChange>
