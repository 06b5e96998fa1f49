/** What happened on the machine, as the engine remembers it or a recording shows it. */
import { z } from 'zod'
import { list } from './list.ts'
import { SamplerStatus, StreamChange } from './live.ts'
import { GroupKey, Severity } from './model.ts'
import { EVENT_KINDS } from './values.ts'

/**
 * `raised`, `cleared`: a finding. `joined`, `left`: members, or a whole group. `reload`: members or their processes were
 * replaced. `namespace`: a network namespace appeared or disappeared. `program`: a BPF program was attached to a group
 * or detached. `unwatched`: nothing was read for a while.
 */
export const EventKind = z.enum(EVENT_KINDS)
export type EventKind = z.infer<typeof EventKind>

/** The members of a group, and the processes that hold them. */
export const Generation = z.object({
  members: z.number().int().nonnegative(),
  /** At most the first 64. */
  pids: list(z.number().int().positive()),
  processes: z.number().int().nonnegative(),
  /** When the newest of these processes started; null where unknown. */
  startedAt: z.iso.datetime().nullable(),
})
export type Generation = z.infer<typeof Generation>

/** The findings of one cause in one group, from when the first of them was raised until the last has cleared. */
export const Incident = z.object({
  /** When the first of its findings was raised. */
  beganAt: z.iso.datetime(),
  /**
   * What the group lost in it so far, by the kernel's counters; null where unknown, or where these do not count it. What
   * was lost in the refreshes that raised its first finding is included.
   */
  lost: z.number().int().nonnegative().nullable(),
})
export type Incident = z.infer<typeof Incident>

export const LoggedEvent = z.object({
  /** Increases with every event of an engine, or of a recording. */
  id: z.number().int().positive(),
  at: z.iso.datetime(),
  /** When it ended; null while it may go on: `summary` and numbers may still change. The same as `at` for a moment. */
  until: z.iso.datetime().nullable(),
  kind: EventKind,
  /** The severity of the finding; null for everything else. */
  severity: Severity.nullable(),
  /** The group; null where it is about none. */
  key: GroupKey.nullable(),
  /** Inode of the network namespace, and its name then; null where it is about none. */
  namespace: z.object({ inode: z.number().int().nonnegative(), name: z.string() }).nullable(),
  /** The command of the processes that hold most of the group's members; null where unknown. */
  owner: z.string().nullable(),
  summary: z.string(),
  /** Connections or datagrams that were lost, at least; null where that is unknown or does not apply. */
  lost: z.number().int().nonnegative().nullable(),
  /** The id of the finding; null for everything else. */
  finding: z.string().nullable(),
  /** The incident of the finding, as it was then; null for everything else. */
  incident: Incident.nullable(),
  /** For members that joined, left or were replaced; null for everything else. */
  generations: z.object({ before: Generation, after: Generation }).nullable(),
})
export type LoggedEvent = z.infer<typeof LoggedEvent>

/** The events of a recording, the oldest first. */
export const RecordedEvents = z.object({
  events: z.array(LoggedEvent),
  /** For each event the number of the first snapshot that shows it. */
  snapshots: z.array(z.number().int().nonnegative()),
  /** Events before the first of these: only the newest are given. */
  omitted: z.number().int().nonnegative(),
  /** When the last snapshot was taken. */
  until: z.iso.datetime(),
})
export type RecordedEvents = z.infer<typeof RecordedEvents>

/** The stream of events (see live.ts). */
export const EventsChange = StreamChange.extend({
  /** New events, and those that changed. The oldest first. */
  events: z.array(LoggedEvent),
  /** Events with lower ids are forgotten. */
  oldest: z.number().int().nonnegative(),
  sampler: SamplerStatus,
})
export type EventsChange = z.infer<typeof EventsChange>
