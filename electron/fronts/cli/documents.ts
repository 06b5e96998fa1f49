/**
 * The models of documents that only the terminal program prints: their schemas are published (`npm run generate`), and
 * tests hold what is printed against them. Commands do not load this: it takes zod.
 */
import { z } from 'zod'
import { FindingRow } from '../../contract/analysis.ts'
import { KnownHost } from '../../contract/hosts.ts'
import { Lab } from '../../contract/lab.ts'
import { PermissionCheck } from '../../contract/live.ts'
import { Group, GroupKey, Host, Member } from '../../contract/model.ts'
import type { CheckResult } from './check/check-run.ts'
import type { DuringReport } from './during/report.ts'

const Count = z.number().int().nonnegative()
const Milliseconds = z.number().nonnegative()
const State = z.enum(['held', 'failed', 'unknown'])

export const CheckDocument = z.object({
  state: State,
  checks: z.array(
    z.object({
      name: z.string(),
      target: z.string(),
      state: State,
      assertions: z.array(
        z.object({
          assertion: z.string(),
          group: z.string().nullable(),
          expected: z.string(),
          actual: z.string(),
          state: State,
          value: z.number().nullable(),
        }),
      ),
      heldMs: Milliseconds,
      elapsedMs: Milliseconds,
    }) satisfies z.ZodType<CheckResult>,
  ),
})

const Change = z.object({ before: Count, after: Count })

export const DuringDocument = z.object({
  command: z.array(z.string()),
  startedAt: z.iso.datetime(),
  exit: z.object({ code: z.number().int().nullable(), signal: z.string().nullable() }),
  commandMs: Milliseconds,
  calmAfterMs: Milliseconds.nullable(),
  watchedMs: Milliseconds,
  watched: Count,
  groups: z.array(
    z.object({
      key: GroupKey,
      members: Change,
      joined: Count,
      left: Count,
      processes: Change.extend({ new: Count, gone: Count }),
      waiting: Count.nullable(),
      dropped: Count.nullable(),
      longestFullMs: Milliseconds,
    }),
  ),
  connectionsLost: Count,
  connectionsMigrated: Count.nullable(),
  resets: Count.nullable(),
  dropped: Count.nullable(),
  summary: z.array(z.string()),
}) satisfies z.ZodType<DuringReport>

export const FindingsDocument = z.object({ findings: z.array(FindingRow) })

/** A line of `-o ndjson`: a socket, and its group without what it says of all members. */
export const SocketDocument = Member.extend({
  group: Group.omit({ members: true, queue: true, drops: true, kernelGroups: true }),
})

export const DoctorDocument = z.object({ host: Host, checks: z.array(PermissionCheck) })

export const HostsDocument = z.object({ hosts: z.array(KnownHost) })

export const LabsDocument = z.object({
  labs: z.array(Lab),
  /** Ids of labs that do not respond. */
  unresponsive: z.array(z.string()),
})

/** What scripts need most comes first. */
export const LabDocument = Lab.extend({ cookies: z.array(Lab.shape.members.element.shape.cookie) })

export const ServerDocument = z.object({ url: z.url() })

/** On standard error, with --json. `status`: the exit status. */
export const ErrorDocument = z.object({ status: z.number().int(), message: z.string() })
