/**
 * Connections that waited in the queue of a listener that closed are reset, unless
 * net.ipv4.tcp_migrate_req moves them to a sibling. What waited is known from the frame before the member left; the
 * namespace's counters confirm it. A member that left with an empty queue lost nothing, and a whole group that ends is
 * a stop, not a reload.
 */
import { NOTHING, text } from '../../prose.ts'
import { handover } from './programs.ts'
import { type GroupView, number, type Rule } from './rule.ts'
import { counted, named } from './words.ts'

/** A loss is an event: it is shown for a while. */
const SHOWN_MS = 60_000

type Loss = {
  members: bigint[]
  queued: number
  resets: number | null
  migrated: number | null
  failed: number | null
  at: number
}

export function reloadLostConnections(): Rule {
  const losses = new Map<string, Loss>()
  return {
    code: 'reload-lost-connections',
    looksAt: 'structure',
    raise: { hits: 1, of: 1 },
    calm: 1,
    examine(group, { now, departed }) {
      if (group.protocol !== 'tcp') return null
      const left = departed.filter(({ queued }) => queued > 0)
      if (left.length > 0 && group.receiving > 0) note(losses, group, left, now)
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
}

function note(
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
  // With migration on, what a sibling took is not lost; only what could not be moved is.
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
    summary: text`${counted(loss.members.length, 'member')} left ${named(group)} with at least ${counted(loss.queued, 'connection')} waiting${confirmed ? text`: they were reset` : NOTHING}.`,
    numbers: [
      number('connections that waited in the frame before, at least', loss.queued),
      number('members that left', loss.members.length),
      number('connections reset in this network namespace meanwhile (EstabResets)', loss.resets),
      number('connections moved to a sibling (TCPMigrateReqSuccess)', loss.migrated),
      number('net.ipv4.tcp_migrate_req', migrates === null ? null : Number(migrates)),
    ],
    explanation: text`Closing a listener resets what waits in its accept queue: those clients had finished the handshake, and get an error.${
      confirmed
        ? NOTHING
        : text` The counters do not confirm all of it: some may have been accepted between the last look and the close.`
    }`,
    advice:
      migrates === false
        ? text`Set net.ipv4.tcp_migrate_req to 1: the kernel then moves them to another member. Or let the new processes take over the old sockets, or accept what waits before closing.${how}`
        : text`Let the new processes take over the old sockets, or accept what waits before closing.${how}`,
  }
}
