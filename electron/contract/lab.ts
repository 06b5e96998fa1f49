/**
 * The lab: test listeners, bounded traffic to them, and recipes that show what SO_REUSEPORT does. It affects this
 * machine only, is limited in count and time, and ends with the program that started it.
 */
import { z } from 'zod'
import { DEFAULT_LISTENERS, DEFAULT_TRAFFIC } from './default-requests.ts'
import { LAB_ID } from './ids.ts'
import { list } from './list.ts'
import { Cursor } from './live.ts'
import { Protocol } from './model.ts'
import {
  ACCEPT_BEHAVIORS,
  ACCEPT_MODELS,
  EXCHANGES,
  RECIPE_NAMES,
  RECIPE_SIZES,
  REPLIES,
  STEERINGS,
  WAIT_STRATEGIES,
} from './values.ts'

export const LabId = z.string().regex(LAB_ID, 'a lab id has 8 hexadecimal digits')
export type LabId = z.infer<typeof LabId>

/**
 * How workers get connections: one listener per worker; one listener shared by all; one thread that accepts for all.
 */
export const AcceptModel = z.enum(ACCEPT_MODELS)
/** How workers wait on a shared listener. */
export const WaitStrategy = z.enum(WAIT_STRATEGIES)
/**
 * What selects the member: the kernel's hash, one of the lab's classic BPF programs, or (`sock-array`, as root) an
 * extended one that picks from an array of sockets by the client's hash. The array has a key for each of the first
 * listeners; one that is added gets the key of one that has closed.
 */
export const Steering = z.enum(STEERINGS)

/** How test listeners accept. */
export const AcceptBehavior = z.object({
  mode: z.enum(ACCEPT_BEHAVIORS).default('normal'),
  /** For `slow`: the pause after each connection or datagram. */
  delayMs: z.number().min(0.1).max(60_000).default(100),
})

export const MAX_LISTENERS = 4096
export const MAX_PROCESSES = 64

export const ListenRequest = z.object({
  protocol: Protocol,
  /** A numeric address of this machine; it determines the family. */
  address: z.string().max(60),
  /** 0: a free port. */
  port: z.number().int().min(0).max(65535).default(DEFAULT_LISTENERS.port),
  /** Joins a port that other sockets already use, which then lose part of their clients. */
  join: z.boolean().default(DEFAULT_LISTENERS.join),
  listeners: z.number().int().min(1).max(MAX_LISTENERS).default(DEFAULT_LISTENERS.listeners),
  processes: z.number().int().min(1).max(MAX_PROCESSES).default(DEFAULT_LISTENERS.processes),
  /** Name or uid of the workers' user; null: the requesting user. Another user needs root. */
  user: z.string().max(100).nullable().default(DEFAULT_LISTENERS.user),
  reuseport: z.boolean().default(DEFAULT_LISTENERS.reuseport),
  reuseaddr: z.boolean().default(DEFAULT_LISTENERS.reuseaddr),
  /** IPV6_V6ONLY; null: the system default. */
  v6only: z.boolean().nullable().default(DEFAULT_LISTENERS.v6only),
  /** SO_BINDTODEVICE. */
  interface: z.string().max(15).nullable().default(DEFAULT_LISTENERS.interface),
  /** SO_INCOMING_CPU: CPUs assigned round-robin by member index. */
  incomingCpu: z.boolean().default(DEFAULT_LISTENERS.incomingCpu),
  /** TCP: the argument of `listen()`; the kernel clamps it to net.core.somaxconn. */
  backlog: z.number().int().min(0).max(65535).default(DEFAULT_LISTENERS.backlog),
  /** SO_RCVBUF in bytes, which the kernel doubles; null: the system default. */
  receiveBuffer: z.number().int().min(256).max(1_000_000_000).nullable().default(DEFAULT_LISTENERS.receiveBuffer),
  acceptBehavior: AcceptBehavior.default(DEFAULT_LISTENERS.acceptBehavior),
  /** The reply to UDP clients: their datagram, or a real answer to a DNS query. */
  reply: z.enum(REPLIES).default(DEFAULT_LISTENERS.reply),
  acceptModel: AcceptModel.default(DEFAULT_LISTENERS.acceptModel),
  waitStrategy: WaitStrategy.default(DEFAULT_LISTENERS.waitStrategy),
  steering: Steering.default(DEFAULT_LISTENERS.steering),
  /** For steering `member`: the member's index. */
  steerTo: z.number().int().min(0).default(DEFAULT_LISTENERS.steerTo),
  /** The listeners close after this time. */
  minutes: z.number().min(0.1).max(120).default(DEFAULT_LISTENERS.minutes),
})
export type ListenRequest = z.infer<typeof ListenRequest>

/** A socket of the lab, which the inspector shows as a member. */
export const LabMember = z.object({
  /** From 0; screens show it plus one. */
  index: z.number().int().nonnegative(),
  cookie: z.string(),
  inode: z.number().int(),
  pid: z.number().int().positive(),
  uid: z.number().int(),
  /** `failed`: its process ended unexpectedly. */
  state: z.enum(['normal', 'slow', 'never', 'stalled', 'closed', 'failed']),
})
export type LabMember = z.infer<typeof LabMember>

/** A thread that receives connections or datagrams, with its exact count since it started. */
export const LabWorker = z.object({
  index: z.number().int().nonnegative(),
  pid: z.number().int().positive(),
  /** Index of the member it receives from; for a dispatcher's worker, the only listener. */
  member: z.number().int().nonnegative(),
  /** Connections accepted or handed over; datagrams received. */
  received: z.number().int().nonnegative(),
})
export type LabWorker = z.infer<typeof LabWorker>

export const MAX_COUNT = 10_000_000

export const TrafficRequest = z.object({
  /** Traffic goes to a lab, never to an address, so it cannot target any other listener. */
  id: LabId,
  /** TCP connections, or UDP datagrams. */
  count: z.number().int().min(1).max(MAX_COUNT).default(DEFAULT_TRAFFIC.count),
  /** Per second; null: as fast as possible. */
  rate: z.number().min(0.1).max(10_000_000).nullable().default(DEFAULT_TRAFFIC.rate),
  /**
   * `echo` waits for a reply and times it; `hold` keeps connections open until the end; `close` closes at once (TCP);
   * `send` expects no reply (UDP); `dns` sends a real query (UDP).
   */
  exchange: z.enum(EXCHANGES).default(DEFAULT_TRAFFIC.exchange),
  /** Number of source addresses in 127.0.0.0/8; other targets get one. */
  sources: z.number().int().min(1).max(65_536).default(DEFAULT_TRAFFIC.sources),
  /**
   * UDP: distinct clients (source address and port). Each sends count ÷ flows datagrams. TCP: one flow per connection.
   */
  flows: z.number().int().min(1).max(1_000_000).default(DEFAULT_TRAFFIC.flows),
  threads: z.number().int().min(1).max(16).default(DEFAULT_TRAFFIC.threads),
  /** Maximum duration. */
  seconds: z.number().min(0.1).max(3600).default(DEFAULT_TRAFFIC.seconds),
})
export type TrafficRequest = z.infer<typeof TrafficRequest>

/** Microseconds from the client's first packet to the reply; for `hold` and `close`, to the connection. */
export const Latency = z.object({
  samples: z.number().int().nonnegative(),
  p50: z.number(),
  p90: z.number(),
  p99: z.number(),
  p999: z.number(),
  max: z.number(),
})
export type Latency = z.infer<typeof Latency>

export const Traffic = z.object({
  request: TrafficRequest,
  startedAt: z.iso.datetime(),
  /** null while it runs. */
  endedAt: z.iso.datetime().nullable(),
  /** Started. */
  sent: z.number().int().nonnegative(),
  /** Completed successfully. */
  done: z.number().int().nonnegative(),
  refused: z.number().int().nonnegative(),
  resets: z.number().int().nonnegative(),
  timeouts: z.number().int().nonnegative(),
  otherErrors: z.number().int().nonnegative(),
  /** Completed per second: over the last second, and at the end overall. */
  perSecond: z.number().nonnegative(),
  latency: Latency.nullable(),
  /** UDP: clients that got replies from more than one worker; null where replies do not show it (TCP, `send`). */
  moved: z.number().int().nonnegative().nullable(),
  /** The sending process was killed; the counts are those until then. */
  failed: z.boolean(),
  /** Cookie of a socket from outside the lab that bound the same port, which ended the traffic. */
  foreignSocket: z.string().nullable(),
})
export type Traffic = z.infer<typeof Traffic>

export const Lab = z.object({
  id: LabId,
  request: ListenRequest.omit({ join: true }),
  /** As bound. */
  address: z.string(),
  port: z.number().int(),
  /** Inode of the network namespace, and whether it is the lab's own. */
  netns: z.number().int(),
  ownNamespace: z.boolean(),
  /** Pid of the supervising process; when it ends, the lab ends. */
  supervisor: z.number().int().positive(),
  pids: list(z.number().int().positive()),
  members: list(LabMember),
  workers: list(LabWorker),
  startedAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  traffic: Traffic.nullable(),
  /** Whether this engine started it. Labs of other programs of the same user are listed too. */
  own: z.boolean(),
})
export type Lab = z.infer<typeof Lab>

/** A change of one member while traffic runs. */
export const MemberAction = z.object({
  id: LabId,
  /** The member's index. */
  member: z.number().int().nonnegative(),
  action: z.enum(['stall', 'resume', 'close']),
})
export type MemberAction = z.infer<typeof MemberAction>

export const RecipeName = z.enum(RECIPE_NAMES)
export type RecipeName = z.infer<typeof RecipeName>

/** A recipe's description. */
export const Recipe = z.object({
  name: RecipeName,
  title: z.string(),
  subtitle: z.string(),
  /** What it does to this machine, in a sentence. */
  effect: z.string(),
  /** Why this user cannot run it here, or only in part; null where nothing is missing. */
  limitation: z.string().nullable(),
})
export type Recipe = z.infer<typeof Recipe>

export const RecipeSize = z.enum(RECIPE_SIZES)
export type RecipeSize = z.infer<typeof RecipeSize>

/** One variant of a recipe: a column of its chart. */
export const Variant = z.object({
  title: z.string(),
  subtitle: z.string(),
  /** How its sockets and workers are arranged. */
  shape: z.enum(['dispatcher', 'shared', 'reuseport', 'newest']),
  /** Count of each worker, in order; `note` where needed ("stalled", "another user"). */
  counts: list(z.object({ label: z.string(), count: z.number().nonnegative(), note: z.string().nullable() })),
  /** Rows below the bars; the same names in every variant. `value` null: not measured (yet). */
  figures: list(
    z.object({
      name: z.string(),
      value: z.number().nullable(),
      unit: z.string(),
      highlight: z.enum(['best', 'bad']).nullable(),
    }),
  ),
})
export type Variant = z.infer<typeof Variant>

/** One check: a claim, tested against the kernel. */
export const Check = z.object({
  claim: z.string(),
  observed: z.string(),
  /** null: could not be checked; `observed` says why. */
  holds: z.boolean().nullable(),
  /** The pass criterion, and why. */
  threshold: z.string(),
})
export type Check = z.infer<typeof Check>

/** A running or finished recipe. */
export const RecipeRun = z.object({
  recipe: RecipeName,
  size: RecipeSize,
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  /** The current step, and the progress (0 to 1). */
  step: z.string(),
  progress: z.number().min(0).max(1),
  variants: list(Variant),
  /** Index of the variant that is being measured; null between two, and after the last. */
  running: z.number().int().nonnegative().nullable(),
  checks: list(Check),
  /** null until it ends. `partial`: some claims could not be checked; `stopped`: it was stopped early. */
  verdict: z
    .object({ outcome: z.enum(['holds', 'fails', 'partial', 'stopped']), summary: z.string(), detail: z.string() })
    .nullable(),
  /** Paragraphs, for readers who do not know the kernel's source. */
  explanation: list(z.string()),
})
export type RecipeRun = z.infer<typeof RecipeRun>

export const LabEnd = z.object({
  id: LabId,
  /** It was stopped, or its time was up; false where it was killed or failed. */
  clean: z.boolean(),
})
export type LabEnd = z.infer<typeof LabEnd>

export const LabChange = z.object({
  cursor: Cursor,
  labs: list(Lab),
  /** Labs of this user that do not respond: stopped by a signal, or stuck. Their contents are unknown. */
  unresponsive: list(LabId),
  /** The latest ended labs of those that this engine started. */
  ended: list(LabEnd),
  /** The current or last run; one runs at a time. */
  run: RecipeRun.nullable(),
})
export type LabChange = z.infer<typeof LabChange>

/** Choices for the form. */
export const LabChoices = z.object({
  user: z.string(),
  /** Other users that workers can run as; empty without root. */
  users: list(z.string()),
  addresses: list(z.string()),
  interfaces: list(z.string()),
  cpus: z.number().int().positive(),
  /** Limited by the descriptor limit. */
  maxListeners: z.number().int().positive(),
})
export type LabChoices = z.infer<typeof LabChoices>
