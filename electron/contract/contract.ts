/** Every question that a front may ask the engine, in one page. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import {
  Balance,
  BalanceQuestion,
  FindingsChange,
  Flow,
  MapQuestion,
  PacketPath,
  PortQuestion,
  PortUse,
  Probe,
  SteeringMap,
  WhatIf,
  WhatIfQuestion,
} from './analysis.ts'
import { errors } from './errors.ts'
import {
  Lab,
  LabChange,
  LabChoices,
  LabId,
  ListenRequest,
  MemberAct,
  Recipe,
  RecipeName,
  RecipeRun,
  RecipeSize,
  TrafficRequest,
} from './lab.ts'
import { list } from './list.ts'
import { Check, GroupChange, GroupsChange, Position, Process, Sampling } from './live.ts'
import { GroupId, Host, Namespace, Protocol, Sharing, Snapshot } from './model.ts'
import { Settings, SettingsChange } from './settings.ts'
import {
  ComparisonAnswer,
  DownloadRequest,
  Kept,
  KeptId,
  RecordingState,
  Side,
  Timeline,
  UploadPiece,
} from './snapshots.ts'

const Port = z.number().int().min(1).max(65535)

/** Which groups are meant. A field that is left out restricts nothing. */
export const Selection = z.object({
  protocol: Protocol.optional(),
  port: Port.optional(),
  /** Name or inode of a network namespace. */
  netns: z.string().max(200).optional(),
  /** Name or uid. */
  user: z.string().max(200).optional(),
  sharing: Sharing.optional(),
  /** Plain sockets too: groups with `sharing: "none"`. */
  all: z.boolean().default(false),
})
export type Selection = z.infer<typeof Selection>

const base = oc.errors(errors)

export const contract = {
  /** One complete picture, taken now. `owners: false` leaves /proc alone: holders and pollers are null. */
  snapshot: base
    .input(z.object({ selection: Selection.default({ all: false }), owners: z.boolean().default(true) }))
    .output(Snapshot),

  groups: {
    /** The stream of group changes (see live.ts). Without `after` it starts with everything that is there; with it, ask for the same as before. With `port`, of groups on that port alone (`gone` may name others); with `snapshot`, of a kept one, which never changes: ask for another picture of the same recording `after` one of them, and what differs is answered. */
    changes: base
      .input(
        z.object({
          after: Position.optional(),
          all: z.boolean().default(false),
          port: Port.optional(),
          snapshot: KeptId.optional(),
        }),
      )
      .output(GroupsChange),
  },

  group: {
    /** The stream of one group and its members. NOT_FOUND only where the group was never seen; one that leaves ends with `row: null`. */
    changes: base
      .input(z.object({ id: GroupId, after: Position.optional(), snapshot: KeptId.optional() }))
      .output(GroupChange),
    /** How evenly queues, drops, flows and connections are spread over the members. NOT_FOUND where the group is not there. */
    balance: base.input(BalanceQuestion).output(Balance),
    /** What share of the flows maps to another member when the group grows or shrinks. */
    whatIf: base.input(WhatIfQuestion).output(WhatIf),
  },

  steering: {
    /** The member that one client reaches by the kernel's own lookup, or why none. UNPROCESSABLE_CONTENT for what is no address, or of two families. */
    probe: base.input(Flow).output(Probe),
    /** Who gets thousands of clients. */
    map: base.input(MapQuestion).output(SteeringMap),
    /** The lookup of one packet step by step, checked against the kernel's answer. */
    path: base.input(Flow).output(PacketPath),
  },

  findings: {
    /** The stream of what is wrong (see live.ts). While it is read, every refresh is looked through. With `snapshot`, what was found when that was taken. */
    changes: base.input(z.object({ after: Position.optional(), snapshot: KeptId.optional() })).output(FindingsChange),
  },

  processes: {
    /** Details of processes that hold members. One that is gone or may not be read is left out. */
    details: base.input(z.object({ pids: list(z.number().int().positive()).max(1000) })).output(list(Process)),
  },

  machine: {
    /** What this is, and which network namespaces there are. */
    about: base.output(
      z.object({ host: Host, namespaces: list(Namespace), engine: z.string(), startedAt: z.iso.datetime() }),
    ),
    /** Who has a port, connections too, and whether another socket could bind it. NOT_FOUND for a namespace that is not open. */
    port: base.input(PortQuestion).output(PortUse),
    /** What this user can and cannot see here, and how to see more. */
    capabilities: base.output(z.object({ host: Host, checks: list(Check) })),
  },

  sampling: {
    /** Stops and goes on. A paused engine reads nothing. */
    pause: base.input(z.object({ paused: z.boolean() })).output(Sampling),
    /** Reads once, now, even when paused; answers when the picture stands. */
    refresh: base.output(Sampling),
  },

  snapshots: {
    /** What is kept, the newest first. */
    list: base.output(list(Kept)),
    /** Reads the machine and keeps that on disk. Ends without a trace when the asker leaves. */
    save: base.input(z.object({ name: z.string().max(100) })).output(Kept),
    /** Begins to record, one picture an interval, into a file beside the snapshots. Ends with `stopRecording`, at its largest size, or with the engine. UNPROCESSABLE_CONTENT where one is running. */
    record: base.input(z.object({ name: z.string().max(100) })).output(RecordingState),
    /** How the recording goes, or went; null before the first. */
    recording: base.output(RecordingState.nullable()),
    /** Ends the recording; null where none was running, or not even its first picture was taken. */
    stopRecording: base.output(Kept.nullable()),
    /** What happened in a recording, and when. */
    timeline: base.input(z.object({ id: KeptId })).output(Timeline),
    /** Forgets one that is kept, on disk too. */
    forget: base.input(z.object({ id: KeptId })).output(z.null()),
    /** Takes a file from a page, piece by piece; the answer to the last piece has it. UNPROCESSABLE_CONTENT says what is wrong with it. */
    open: base.input(UploadPiece).output(z.object({ upload: z.string(), kept: Kept.nullable() })),
    compare: base.input(z.object({ before: Side, after: Side })).output(ComparisonAnswer),
    /** Begins to hand one on in some form. Take its pieces with `piece`. */
    download: base
      .input(DownloadRequest)
      .output(z.object({ download: z.string(), name: z.string(), type: z.string() })),
    /** The next piece of a download, in base64; null after the last. NOT_FOUND for one that was left for a minute. */
    piece: base.input(z.object({ download: z.string().max(40) })).output(z.object({ bytes: z.string().nullable() })),
  },

  lab: {
    /** The stream of the lab: all of it whenever something moved, four times a second at most. */
    changes: base.input(z.object({ after: Position.optional() })).output(LabChange),
    choices: base.output(LabChoices),
    /** Opens test listeners; answers when all of them stand. Nothing is left of one that fails: UNPROCESSABLE_CONTENT or FORBIDDEN says what to change. */
    listen: base.input(ListenRequest).output(Lab),
    /** One more listener, of the process that has the fewest, or as another user in a process of its own. */
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
    member: base.input(MemberAct).output(Lab),
    /** Closes everything of one. */
    stop: base.input(z.object({ id: LabId })).output(z.null()),
    /** Begins to send; one at a time a lab. Ends by itself. */
    traffic: base.input(TrafficRequest).output(Lab),
    stopTraffic: base.input(z.object({ id: LabId })).output(Lab),
    recipes: base.output(list(Recipe)),
    /** Begins a recipe, which `changes` then shows. UNPROCESSABLE_CONTENT while another runs. */
    run: base.input(z.object({ recipe: RecipeName, size: RecipeSize.default('full') })).output(RecipeRun),
    stopRun: base.output(z.null()),
  },

  settings: {
    get: base.output(Settings),
    /** Writes what is given and answers with all of it. Stored before it answers; where storing fails, the settings hold until the engine ends, and SERVICE_UNAVAILABLE says so. */
    set: base.input(SettingsChange).output(Settings),
  },
}
export type Contract = typeof contract
