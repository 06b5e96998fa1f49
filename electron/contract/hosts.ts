/**
 * Other hosts that this program reads, over ssh or another command that starts a shell there. A contract of its own: an
 * engine reads its own machine and knows of no other.
 */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { errors, Problem } from './errors.ts'
import { list } from './list.ts'
import { Cursor } from './live.ts'
import { Host } from './model.ts'

/** As ssh takes it, as `host add` named a command, or a container (`docker:web`). It identifies the host. */
export const HostName = z.string().min(1).max(255)
export type HostName = z.infer<typeof HostName>

/** A host that can be connected to. */
export const KnownHost = z.object({
  name: HostName,
  /** The command that starts a shell there; null: ssh does. */
  via: z.string().nullable(),
  /**
   * `ssh-config`: a Host of the ssh configuration. `added`: by `host add`. `recent`: it was connected before. `root`: this
   * machine, with root's permissions. `container`: one that runs on this machine.
   */
  origin: z.enum(['ssh-config', 'added', 'recent', 'root', 'container']),
  /** Address and user, where the ssh configuration has them; the image of a container. */
  detail: z.string().nullable(),
  lastConnectedAt: z.iso.datetime().nullable(),
})
export type KnownHost = z.infer<typeof KnownHost>

/**
 * What ssh or sudo asks while it connects. `trust`: whether to trust an unknown host key. `secret`: a password, passphrase
 * or code. `confirm`: yes or no. `notice`: nothing to answer, such as "touch your key".
 */
export const HostQuestion = z.object({
  id: z.string().max(40),
  kind: z.enum(['trust', 'secret', 'confirm', 'notice']),
  /** In the words of ssh, or of the host. */
  text: z.string().max(4000),
  askedAt: z.iso.datetime(),
})
export type HostQuestion = z.infer<typeof HostQuestion>

/** A step of connecting. `send` only where the host does not have this version yet. */
export const ConnectStep = z.object({
  name: z.enum(['sign-in', 'system', 'send', 'start', 'read']),
  /** null while it runs. */
  durationMs: z.number().nonnegative().nullable(),
  /** What is known of it: "Linux 6.1.112, x86_64". */
  detail: z.string().nullable(),
  /** Bytes sent, and all of them. */
  sent: z.object({ bytes: z.number().int(), of: z.number().int() }).nullable(),
})
export type ConnectStep = z.infer<typeof ConnectStep>

/** Why there is no connection. `said`: the other side's own words; null where it said nothing. */
export const ConnectFailure = z.object({ problem: Problem, said: z.string().nullable() })
export type ConnectFailure = z.infer<typeof ConnectFailure>

export const HostState = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('connecting'), steps: list(ConnectStep), question: HostQuestion.nullable() }),
  z.object({
    phase: z.literal('connected'),
    /** Of a message there and back; null until it was measured. */
    roundTripMs: z.number().nonnegative().nullable(),
    /** Its clock minus the one here; null until it was measured. */
    clockAheadMs: z.number().nullable(),
  }),
  z.object({
    phase: z.literal('lost'),
    failure: ConnectFailure,
    /** null while it is being tried, and where it is not tried again by itself. */
    retryAt: z.iso.datetime().nullable(),
    /** True where ssh would ask a question: only the user can connect again. */
    needsUser: z.boolean(),
    attempts: z.number().int().nonnegative(),
  }),
  /** It never worked, so it is not tried again by itself. */
  z.object({ phase: z.literal('failed'), failure: ConnectFailure }),
])
export type HostState = z.infer<typeof HostState>

/** What is known of a host that was connected. */
export const HostAbout = z.object({
  host: Host,
  /** Name and version of the engine there. */
  engine: z.string(),
  /** Where this program was put for it; null where it was installed there. */
  program: z.string().nullable(),
  /** How long connecting took. */
  connectedInMs: z.number().nonnegative(),
})
export type HostAbout = z.infer<typeof HostAbout>

export const HostConnection = z.object({
  name: HostName,
  via: z.string().nullable(),
  /** When this phase began. */
  since: z.iso.datetime(),
  state: HostState,
  /** From the last time that it was connected; null before the first. */
  about: HostAbout.nullable(),
})
export type HostConnection = z.infer<typeof HostConnection>

export const HostsChange = z.object({ cursor: Cursor, connections: list(HostConnection) })
export type HostsChange = z.infer<typeof HostsChange>

const base = oc.errors(errors)
const Named = z.object({ name: HostName })

export const hostsContract = {
  /** The hosts to choose from: this machine as root, those of the ssh configuration, added ones, and those connected before. */
  known: base.output(list(KnownHost)),
  /** The containers that run on this machine. Not in `known`, because their daemons may take seconds to answer. */
  containers: base.output(list(KnownHost)),
  /** The stream of connections, all of them in each answer (see live.ts). */
  changes: base.input(z.object({ after: Cursor.optional() })).output(HostsChange),
  /**
   * Connects, or tries again now; answers at once, and `changes` has the rest. A command is never part of a request:
   * only `host add` names one. UNPROCESSABLE_CONTENT for a name that ssh must not be given.
   */
  connect: base.input(Named).output(z.null()),
  /** Answers a question; null cancels it. NOT_FOUND where it is not asked any more. */
  answer: base
    .input(z.object({ name: HostName, question: z.string().max(40), text: z.string().max(4000).nullable() }))
    .output(z.null()),
  /** Ends a connection, or stops connecting. Nothing is left running there. */
  disconnect: base.input(Named).output(z.null()),
}
export type HostsContract = typeof hostsContract
