/**
 * When a listener closes, the connections in its queue are reset, unless net.ipv4.tcp_migrate_req moves them to a
 * sibling. Their number comes from the frame before the member was removed; the namespace's counters confirm it. A
 * member with an empty queue loses nothing, and the end of a whole group is a stop, not a reload.
 */
import { NOTHING, text } from '../../../common/prose.ts'
import type { FindingType } from '../finding-type.ts'
import { counted, endpointName } from '../phrases.ts'
import { handover } from '../programs.ts'
import { type GroupView, number } from '../rule.ts'

/** How long a loss, which is an event, is shown. */
const SHOWN_MS = 60_000

type Loss = {
  members: bigint[]
  queued: number
  resets: number | null
  migrated: number | null
  failed: number | null
  at: number
}

export default {
  importance: 140,
  tag: 'lost at reload',
  cause: 'reload',
  clause: 'members closed with connections waiting',
  source:
    'Waiting connections are those read by the last refresh before the members closed. EstabResets and TCPMigrateReq are counted for the whole network namespace: they confirm a loss, but other sockets may have contributed. Shown for one minute.',
  lasts: false,
  recipe: 'listeners-change',
  steps: (facts) => [
    {
      text: 'Let the kernel move waiting connections to another member when one closes (Linux 5.14 and later).',
      command: 'sudo sysctl net.ipv4.tcp_migrate_req=1',
      cost: null,
    },
    {
      text: 'Watch the next reload: the event says what it cost.',
      command: `reuseport-inspector events --follow --port ${facts.key.port} --kind reload`,
      cost: null,
    },
  ],
  rule: () => {
    const losses = new Map<string, Loss>()
    return {
      trigger: 'structure',
      debounce: { hits: 1, of: 1, clearAfter: 1 },
      examine(group, { now, removed: departed }) {
        if (group.protocol !== 'tcp') return null
        const left = departed.filter(({ queued }) => queued > 0)
        if (left.length > 0 && group.receiving > 0) recordLoss(losses, group, left, now)
        const loss = losses.get(group.id)
        if (loss === undefined) return null
        if (now - loss.at > SHOWN_MS) {
          losses.delete(group.id)
          return null
        }
        return verdict(group, loss)
      },
      forget: (id) => void losses.delete(id),
    }
  },
} satisfies FindingType

function recordLoss(
  losses: Map<string, Loss>,
  group: GroupView,
  left: readonly { cookie: bigint; queued: number }[],
  now: number,
) {
  const { facts } = group
  const resets = facts.grown('EstabResets')
  const migrated = facts.grown('TCPMigrateReqSuccess')
  const failed = facts.grown('TCPMigrateReqFailure')
  const queued = left.reduce((sum, departed) => sum + departed.queued, 0)
  // With migration on, only connections that could not be moved are lost.
  if (facts.migrates === true && (migrated === null || migrated >= queued || failed === 0)) return
  const before = losses.get(group.id)
  losses.set(group.id, {
    members: [...(before?.members ?? []), ...left.map(({ cookie }) => cookie)],
    queued: (before?.queued ?? 0) + queued,
    resets: resets === null ? (before?.resets ?? null) : resets + (before?.resets ?? 0),
    migrated,
    failed,
    at: now,
  })
}

function verdict(group: GroupView, loss: Loss) {
  const confirmed = loss.resets !== null && loss.resets >= loss.queued
  const migrates = group.facts.migrates
  const how = handover(
    group,
    group.members.flatMap(({ holders }) => holders),
  )
  return {
    severity: confirmed ? ('critical' as const) : ('warning' as const),
    members: loss.members,
    summary: text`${counted(loss.members.length, 'member')} at ${endpointName(group)} closed with at least ${counted(loss.queued, 'connection')} waiting${confirmed ? (loss.queued === 1 ? text`; it was reset` : text`; they were reset`) : NOTHING}.`,
    evidence: [
      number('connections waiting at the previous refresh, at least', loss.queued),
      number('members closed', loss.members.length),
      number('connections reset meanwhile in this network namespace (EstabResets)', loss.resets),
      number('connections moved to a sibling (TCPMigrateReqSuccess)', loss.migrated),
      number('net.ipv4.tcp_migrate_req', migrates === null ? null : Number(migrates)),
    ],
    explanation: text`Closing a listener resets the connections in its accept queue: those clients completed the handshake and get an error.${
      confirmed
        ? NOTHING
        : text` The counters do not confirm all of them: some may have been accepted between the last refresh and the close.`
    }`,
    advice:
      migrates === false
        ? text`Set net.ipv4.tcp_migrate_req to 1: the kernel then moves waiting connections to another member. Or let the new processes take over the old sockets, or accept what is queued before closing.${how}`
        : text`Let the new processes take over the old sockets, or accept what is queued before closing.${how}`,
  }
}
