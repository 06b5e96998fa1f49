/** Every procedure of the engine. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import {
  Balance,
  BalanceRequest,
  FindingsChange,
  Flow,
  MapRequest,
  PacketPath,
  Probe,
  SteeringMap,
  Waiting,
  WhatIf,
  WhatIfRequest,
} from './analysis.ts'
import { errors } from './errors.ts'
import { EventsChange, RecordedEvents } from './events.ts'
import { FlowsAnswer } from './flows.ts'
import { GroupHistories, GroupHistory, HistoryUsage } from './history.ts'
import {
  Lab,
  LabChange,
  LabChoices,
  LabId,
  ListenRequest,
  MemberAction,
  Recipe,
  RecipeName,
  RecipeRun,
  RecipeSize,
  TrafficRequest,
} from './lab.ts'
import { list } from './list.ts'
import {
  Cursor,
  GroupChange,
  GroupsChange,
  NamespaceCounters,
  PermissionCheck,
  Process,
  SamplerStatus,
} from './live.ts'
import { Family, GroupId, Host, Namespace, Protocol, Sharing, Snapshot } from './model.ts'
import { PortRequest, PortUse } from './port.ts'
import { Settings, SettingsChange } from './settings.ts'
import {
  ComparisonAnswer,
  ComparisonInput,
  DownloadRequest,
  RecordingState,
  StoredId,
  StoredItem,
  Timeline,
  UploadChunk,
} from './snapshots.ts'
import { FindingSteps } from './steps.ts'

/** Milliseconds since 1970. */
const Since = z.number().int().nonnegative().default(0)

const Port = z.number().int().min(1).max(65535)

/** Selects groups. An omitted field matches everything. */
export const Selection = z.object({
  protocol: Protocol.optional(),
  port: Port.optional(),
  /** Name or inode of a network namespace. */
  netns: z.string().max(200).optional(),
  /** Name or uid. */
  user: z.string().max(200).optional(),
  sharing: Sharing.optional(),
  /** Ranges of ports, both ends included: any of them. */
  ports: z
    .array(z.tuple([Port, Port]))
    .max(100)
    .optional(),
  family: Family.optional(),
  /** A local address, or a prefix as ADDRESS/LENGTH. */
  address: z.string().max(64).optional(),
  /** Held by this process. */
  pid: z.number().int().positive().optional(),
  /** Held by a process of this name. */
  command: z.string().max(200).optional(),
  /** Held by a process of this systemd unit or container, by its name as owners have it. */
  service: z.string().max(200).optional(),
  /** Only groups with a socket that listens, or receives datagrams of any client. */
  receiving: z.boolean().optional(),
  /** What the group must match, in the filter language (filter/). UNPROCESSABLE_CONTENT for an invalid term. */
  filter: z.string().max(1000).optional(),
  /** Includes unshared sockets: groups with `sharing: "none"`. */
  all: z.boolean().default(false),
})
export type Selection = z.infer<typeof Selection>

/** What a snapshot is made of: also what a command asks of an engine in its own process. */
export const SnapshotRequest = z.object({
  selection: Selection.default({ all: false }),
  owners: z.boolean().default(true),
  countMs: z.number().int().min(0).max(600_000).optional(),
  flowsMs: z.number().int().min(0).max(600_000).optional(),
})
export type SnapshotRequest = z.infer<typeof SnapshotRequest>

const base = oc.errors(errors)

export const contract = {
  /**
   * A complete snapshot, taken now. `owners: false` does not read /proc: holders and pollers are null. `countMs`: first
   * count for this long what members are given, unless that is being counted already; 0 starts to count for the next
   * snapshot. Without it nothing is counted for this one. `flowsMs`: first sample for this long which clients go to the
   * members of the selected groups (of the first 20).
   */
  snapshot: base.input(SnapshotRequest).output(Snapshot),

  groups: {
    /**
     * The stream of group changes (see live.ts). Without `after` it starts with all groups; with `after`, repeat the
     * other inputs. `port` restricts it to that port (`removed` may name other groups). `snapshot` reads a stored
     * snapshot, which never changes: for another snapshot of the same recording, pass the cursor of the previous one as
     * `after` to get the differences.
     */
    changes: base
      .input(
        z.object({
          after: Cursor.optional(),
          all: z.boolean().default(false),
          port: Port.optional(),
          snapshot: StoredId.optional(),
        }),
      )
      .output(GroupsChange),
  },

  group: {
    /**
     * The stream of one group and its members. NOT_FOUND only where the group was never seen; a removed group has `row:
     * null`.
     */
    changes: base
      .input(z.object({ id: GroupId, after: Cursor.optional(), snapshot: StoredId.optional() }))
      .output(GroupChange),
    /**
     * How evenly queues, drops, flows and connections are distributed over the members. NOT_FOUND where the group does
     * not exist.
     */
    balance: base.input(BalanceRequest).output(Balance),
    /** Who waits in the accept queues of a group; null for UDP, and where that cannot be known. */
    waiting: base.input(z.object({ id: GroupId })).output(Waiting.nullable()),
    /**
     * Which clients went to which member lately. Sampling begins with the first request, and goes on for ten seconds after
     * the last one. NOT_FOUND where the group does not exist.
     */
    flows: base.input(z.object({ id: GroupId })).output(FlowsAnswer),
    /** The share of flows that would reach another member if the group grew or shrank. */
    whatIf: base.input(WhatIfRequest).output(WhatIf),
  },

  steering: {
    /**
     * The member that one client reaches by kernel lookup, or why none. UNPROCESSABLE_CONTENT for an invalid address,
     * or mixed families.
     */
    probe: base.input(Flow).output(Probe),
    /** How thousands of clients are distributed over the members. */
    map: base.input(MapRequest).output(SteeringMap),
    /** The lookup of one packet step by step, verified by kernel lookup. */
    path: base.input(Flow).output(PacketPath),
  },

  findings: {
    /**
     * The stream of findings (see live.ts). While it is read, every refresh is checked. With `snapshot`, the findings
     * in that snapshot.
     */
    changes: base.input(z.object({ after: Cursor.optional(), snapshot: StoredId.optional() })).output(FindingsChange),
    /** What to do about a finding, with what its workers are doing now. NOT_FOUND where it is not raised. */
    steps: base.input(z.object({ id: z.string().max(100) })).output(FindingSteps),
  },

  history: {
    /**
     * What the engine remembers of a group and its members since `since` (milliseconds since 1970), up to an hour. Empty
     * for a group that it does not know.
     */
    group: base.input(z.object({ id: GroupId, since: Since })).output(GroupHistory),
    /** The same for all groups that have a history, without their members, 200 at a time in no order. */
    groups: base
      .input(z.object({ since: Since, skip: z.number().int().nonnegative().default(0) }))
      .output(GroupHistories),
    /** The memory that this takes. */
    usage: base.output(HistoryUsage),
  },

  events: {
    /** The stream of events (see live.ts): the latest 2,000. */
    changes: base.input(z.object({ after: Cursor.optional() })).output(EventsChange),
  },

  processes: {
    /** Details of processes that hold members. Processes that ended or are not readable are left out. */
    details: base.input(z.object({ pids: list(z.number().int().positive()).max(1000) })).output(list(Process)),
  },

  machine: {
    /** The host and its accessible network namespaces. */
    about: base.output(
      z.object({ host: Host, namespaces: list(Namespace), engine: z.string(), startedAt: z.iso.datetime() }),
    ),
    /**
     * Everything about one port: what uses it, what a client reaches, and which binds would succeed. NOT_FOUND for a
     * namespace that is not accessible, UNPROCESSABLE_CONTENT for an invalid address.
     */
    port: base.input(PortRequest).output(PortUse),
    /** Counters of connections and losses in the network namespaces that are open; those that cannot be read are left out. */
    counters: base.output(list(NamespaceCounters)),
    /** What this user can and cannot see here, and how to see more. */
    capabilities: base.output(z.object({ host: Host, checks: list(PermissionCheck) })),
  },

  sampling: {
    /** Pauses or resumes. A paused engine reads nothing. */
    pause: base.input(z.object({ paused: z.boolean() })).output(SamplerStatus),
    /** Refreshes once, even when paused; answers when the frame is complete. */
    refresh: base.output(SamplerStatus),
  },

  snapshots: {
    /** Stored snapshots and recordings, the newest first. */
    list: base.output(list(StoredItem)),
    /** Saves a snapshot of this machine to disk. If the request is aborted, nothing is stored. */
    save: base.input(z.object({ name: z.string().max(100) })).output(StoredItem),
    /**
     * Starts recording, one snapshot per interval, to a file beside the snapshots. Ends with `stopRecording`, at its
     * maximum size, or with the engine. UNPROCESSABLE_CONTENT while one is running.
     */
    record: base.input(z.object({ name: z.string().max(100) })).output(RecordingState),
    /** The state of the current or last recording; null before the first. */
    recording: base.output(RecordingState.nullable()),
    /** Ends the recording; null where none was running, or it has no snapshot yet. */
    stopRecording: base.output(StoredItem.nullable()),
    /** The marks of a recording's timeline. */
    timeline: base.input(z.object({ id: StoredId })).output(Timeline),
    /** The events of a recording, as `events` would have had them: the newest 2,000. */
    events: base.input(z.object({ id: StoredId })).output(RecordedEvents),
    /** Deletes one, from disk too. */
    delete: base.input(z.object({ id: StoredId })).output(z.null()),
    /**
     * Uploads a file in chunks; the answer to the last chunk has the stored item. UNPROCESSABLE_CONTENT where the file
     * is not valid.
     */
    open: base.input(UploadChunk).output(z.object({ upload: z.string(), kept: StoredItem.nullable() })),
    compare: base.input(z.object({ before: ComparisonInput, after: ComparisonInput })).output(ComparisonAnswer),
    /** Starts an export. Read its chunks with `chunk`. */
    download: base
      .input(DownloadRequest)
      .output(z.object({ download: z.string(), name: z.string(), type: z.string() })),
    /** The next chunk of a download, in base64; null after the last. NOT_FOUND after a minute without requests. */
    chunk: base.input(z.object({ download: z.string().max(40) })).output(z.object({ bytes: z.string().nullable() })),
  },

  lab: {
    /** The stream of the lab: its full state whenever something changed, at most four times per second. */
    changes: base.input(z.object({ after: Cursor.optional() })).output(LabChange),
    choices: base.output(LabChoices),
    /**
     * Opens test listeners; answers when all are open. A failure leaves nothing behind; UNPROCESSABLE_CONTENT or
     * FORBIDDEN say what to change.
     */
    listen: base.input(ListenRequest).output(Lab),
    /** Adds a listener to the process that has the fewest, or as another user in its own process. */
    add: base
      .input(
        z.object({
          id: LabId,
          user: z.string().max(100).nullable().default(null),
          reuseport: z.boolean().optional(),
          reuseaddr: z.boolean().optional(),
        }),
      )
      .output(Lab),
    member: base.input(MemberAction).output(Lab),
    /** Closes all listeners of a lab. */
    stop: base.input(z.object({ id: LabId })).output(z.null()),
    /** Starts traffic, which ends by itself; one at a time per lab. */
    traffic: base.input(TrafficRequest).output(Lab),
    stopTraffic: base.input(z.object({ id: LabId })).output(Lab),
    recipes: base.output(list(Recipe)),
    /** Starts a recipe; follow it with `changes`. UNPROCESSABLE_CONTENT while another runs. */
    run: base.input(z.object({ recipe: RecipeName, size: RecipeSize.default('full') })).output(RecipeRun),
    stopRun: base.output(z.null()),
  },

  settings: {
    get: base.output(Settings),
    /**
     * Changes the given settings and returns all of them, after they are stored. Where storing fails, they apply until
     * the engine ends, and the answer is SERVICE_UNAVAILABLE.
     */
    set: base.input(SettingsChange).output(Settings),
  },
}
export type Contract = typeof contract
