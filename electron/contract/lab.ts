/**
 * The lab: test listeners of our own, bounded traffic at them, and recipes that show what SO_REUSEPORT does. Everything
 * here acts on this machine alone, is bounded in count and time, and ends with the program that asked for it.
 */
import { z } from 'zod'
import { list } from './list.ts'
import { Position } from './live.ts'
import { Protocol } from './model.ts'

export const LabId = z.string().regex(/^[0-9a-f]{8}$/, 'a lab has an id of 8 hexadecimal digits')
export type LabId = z.infer<typeof LabId>

/** How connections come to workers: a listener each; all accept on one; one thread accepts and hands on. */
export const Taking = z.enum(['reuseport', 'shared', 'dispatcher'])
/** How the workers of one shared listener wait for it. */
export const Waiting = z.enum(['accept', 'epoll', 'epoll-exclusive'])
/** What picks the member: the kernel's hash, or a classic BPF program of ours. */
export const Steering = z.enum(['hash', 'random', 'cpu', 'source-port', 'member'])

/** What test listeners do with what arrives. */
export const Accepting = z.object({
  mode: z.enum(['normal', 'slow', 'never']).default('normal'),
  /** Of `slow`: the pause after each connection or datagram. */
  delayMs: z.number().min(0.1).max(60_000).default(100),
})

export const MAX_LISTENERS = 4096
export const MAX_PROCESSES = 64

export const ListenRequest = z.object({
  protocol: Protocol,
  /** An address of this machine, in numbers; it says the family. */
  address: z.string().max(60),
  /** 0: a free one. */
  port: z.number().int().min(0).max(65535).default(0),
  /** Shares the port with sockets that are there already, which then lose a part of their clients to these. */
  join: z.boolean().default(false),
  listeners: z.number().int().min(1).max(MAX_LISTENERS).default(4),
  processes: z.number().int().min(1).max(MAX_PROCESSES).default(1),
  /** Name or uid of who the workers run as; null: who asks. Another user needs root. */
  user: z.string().max(100).nullable().default(null),
  reuseport: z.boolean().default(true),
  reuseaddr: z.boolean().default(false),
  /** IPV6_V6ONLY; null: as the machine has it. */
  v6only: z.boolean().nullable().default(null),
  /** SO_BINDTODEVICE. */
  interface: z.string().max(15).nullable().default(null),
  /** SO_INCOMING_CPU: the member of index n to CPU n, and around again. */
  incomingCpu: z.boolean().default(false),
  /** TCP: the argument of `listen()`; the kernel clamps it to net.core.somaxconn. */
  backlog: z.number().int().min(0).max(65535).default(128),
  /** SO_RCVBUF in bytes, which the kernel doubles; null: as the machine has it. */
  receiveBuffer: z.number().int().min(256).max(1_000_000_000).nullable().default(null),
  accepting: Accepting.default({ mode: 'normal', delayMs: 100 }),
  /** What a client of UDP gets: its datagram back, or for a DNS question a real answer. */
  answer: z.enum(['echo', 'dns']).default('echo'),
  taking: Taking.default('reuseport'),
  waiting: Waiting.default('epoll'),
  steering: Steering.default('hash'),
  /** Of steering `member`: which, by its index. */
  steeredTo: z.number().int().min(0).default(0),
  /** They close by themselves after this long. */
  minutes: z.number().min(0.1).max(120).default(10),
})
export type ListenRequest = z.infer<typeof ListenRequest>

/** A socket of the lab: what the inspector shows as a member. */
export const LabMember = z.object({
  /** From 0; screens show the number, which is one more. */
  index: z.number().int().nonnegative(),
  cookie: z.string(),
  inode: z.number().int(),
  pid: z.number().int().positive(),
  uid: z.number().int(),
  /** `failed`: its process ended without being asked to. */
  state: z.enum(['normal', 'slow', 'never', 'stalled', 'closed', 'failed']),
})
export type LabMember = z.infer<typeof LabMember>

/** A thread that takes connections or datagrams, with its exact counts since it began. */
export const LabWorker = z.object({
  index: z.number().int().nonnegative(),
  pid: z.number().int().positive(),
  /** The member that it takes from; of a dispatcher's worker the one listener. */
  member: z.number().int().nonnegative(),
  /** Connections accepted or handed over; datagrams received. */
  received: z.number().int().nonnegative(),
})
export type LabWorker = z.infer<typeof LabWorker>

export const MAX_COUNT = 10_000_000

export const TrafficRequest = z.object({
  /** Traffic goes to a lab, never to an address: there is no way to name anybody else's listener. */
  id: LabId,
  /** TCP connections, or UDP datagrams. */
  count: z.number().int().min(1).max(MAX_COUNT).default(10_000),
  /** A second; null: as fast as it goes. */
  rate: z.number().min(0.1).max(10_000_000).nullable().default(null),
  /** `echo` waits for an answer and times it; `hold` keeps the connections until the end; `close` closes at once (TCP), `send` wants no answer (UDP); `dns` asks a real question (UDP). */
  exchange: z.enum(['echo', 'hold', 'close', 'send', 'dns']).default('echo'),
  /** Source addresses that are used, of 127.0.0.0/8; for other targets there is one. */
  sources: z.number().int().min(1).max(65_536).default(256),
  /** UDP: distinct clients (source address and port). Each sends count ÷ flows datagrams. TCP has a flow a connection. */
  flows: z.number().int().min(1).max(1_000_000).default(1024),
  threads: z.number().int().min(1).max(16).default(2),
  /** It ends after this long, done or not. */
  seconds: z.number().min(0.1).max(3600).default(60),
})
export type TrafficRequest = z.infer<typeof TrafficRequest>

/** Microseconds from the client's first packet to the answer; of `hold` and `close`, to the connection. */
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
  /** Begun. */
  sent: z.number().int().nonnegative(),
  /** Ended as they should. */
  done: z.number().int().nonnegative(),
  refused: z.number().int().nonnegative(),
  resets: z.number().int().nonnegative(),
  timeouts: z.number().int().nonnegative(),
  otherErrors: z.number().int().nonnegative(),
  /** Done a second: over the newest second, and at the end over all. */
  perSecond: z.number().nonnegative(),
  latency: Latency.nullable(),
  /** UDP: clients that were answered by more than one worker; null where no answer tells (TCP, `send`). */
  moved: z.number().int().nonnegative().nullable(),
  /** Its process was killed: what it counted until then. */
  failed: z.boolean(),
  /** It was ended for this socket, by its cookie: one that is not the lab's and came to where the lab's are. */
  stranger: z.string().nullable(),
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
  /** The process that keeps the others; when it ends, all of it ends. */
  supervisor: z.number().int().positive(),
  pids: list(z.number().int().positive()),
  members: list(LabMember),
  workers: list(LabWorker),
  startedAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  traffic: Traffic.nullable(),
  /** Whether this engine started it: of others of the same user it shows what there is. */
  ours: z.boolean(),
})
export type Lab = z.infer<typeof Lab>

/** A change of one member while traffic runs. */
export const MemberAct = z.object({
  id: LabId,
  /** Its index. */
  member: z.number().int().nonnegative(),
  act: z.enum(['stall', 'resume', 'close']),
})
export type MemberAct = z.infer<typeof MemberAct>

export const RecipeName = z.enum([
  'three-ways',
  'udp-dns',
  'listeners-change',
  'slow-worker',
  'no-hijacking',
  'reuseaddr-is-not-reuseport',
  'steering',
])
export type RecipeName = z.infer<typeof RecipeName>

/** What there is to run, in words. */
export const Recipe = z.object({
  name: RecipeName,
  title: z.string(),
  subtitle: z.string(),
  /** What it will do to this machine, in a sentence. */
  does: z.string(),
  /** Why this user cannot run it (in whole) here; null where nothing is missing. */
  missing: z.string().nullable(),
})
export type Recipe = z.infer<typeof Recipe>

export const RecipeSize = z.enum(['small', 'full'])
export type RecipeSize = z.infer<typeof RecipeSize>

/** One column of a recipe's picture. */
export const Way = z.object({
  title: z.string(),
  subtitle: z.string(),
  /** How sockets and workers hang together in it. */
  shape: z.enum(['dispatcher', 'shared', 'reuseport', 'newest']),
  /** Who got how many, in the order of workers; `note` where one needs a word ("stalled", "another user"). */
  counts: list(z.object({ label: z.string(), count: z.number().nonnegative(), note: z.string().nullable() })),
  /** Rows below the bars; the same names in every way. `value` null: not measured (yet). */
  figures: list(
    z.object({
      name: z.string(),
      value: z.number().nullable(),
      unit: z.string(),
      mark: z.enum(['best', 'bad']).nullable(),
    }),
  ),
})
export type Way = z.infer<typeof Way>

/** One claim that was put to the kernel. */
export const Trial = z.object({
  claim: z.string(),
  observed: z.string(),
  /** null: could not be tried, and `observed` says why. */
  holds: z.boolean().nullable(),
  /** Why the line between yes and no lies where it does. */
  bound: z.string(),
})
export type Trial = z.infer<typeof Trial>

/** A recipe as it runs and as it ended: everything that its picture and its words need. */
export const RecipeRun = z.object({
  recipe: RecipeName,
  size: RecipeSize,
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  /** What it is doing now, and how far it is (0 to 1). */
  step: z.string(),
  progress: z.number().min(0).max(1),
  ways: list(Way),
  trials: list(Trial),
  /** null until it ends. `partly`: some claims could not be tried; `stopped`: it was ended before its end. */
  verdict: z
    .object({ outcome: z.enum(['holds', 'fails', 'partly', 'stopped']), sentence: z.string(), detail: z.string() })
    .nullable(),
  /** For someone who has never read the kernel's source, a paragraph each. */
  explanation: list(z.string()),
})
export type RecipeRun = z.infer<typeof RecipeRun>

export const LabEnd = z.object({
  id: LabId,
  /** It was stopped, or its time was up; false where it was killed or failed. */
  inOrder: z.boolean(),
})
export type LabEnd = z.infer<typeof LabEnd>

export const LabChange = z.object({
  position: Position,
  labs: list(Lab),
  /** Those of this user that do not answer: stopped by a signal, or held up. What they have is not known. */
  silent: list(LabId),
  /** The newest that this engine started and that have ended. */
  ended: list(LabEnd),
  /** The one that runs or ran last; one runs at a time. */
  run: RecipeRun.nullable(),
})
export type LabChange = z.infer<typeof LabChange>

/** What the form offers. */
export const LabChoices = z.object({
  user: z.string(),
  /** Others that workers may run as; empty without root. */
  users: list(z.string()),
  addresses: list(z.string()),
  interfaces: list(z.string()),
  cpus: z.number().int().positive(),
  /** What the descriptor limit allows. */
  maxListeners: z.number().int().positive(),
})
export type LabChoices = z.infer<typeof LabChoices>
