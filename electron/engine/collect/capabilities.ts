/** The permission checks (`doctor`): what this user can and cannot see on this machine, and how to see more. */

import { formatCount, pluralize } from '../../contract/format.ts'
import type { PermissionCheck } from '../../contract/live.ts'
import type { Host, Shortfall } from '../../contract/model.ts'
import type { Collector } from './collector.ts'
import type { FlowSamples } from './flow-samples.ts'
import { SINGLE_FRAME } from './frame-request.ts'
import type { GivenCounts } from './given-counts.ts'
import type { KernelGroups } from './kernel-groups.ts'
import { problemOfError } from './problems.ts'
import type { Sampler } from './sampler.ts'
import { describeMissing, hintFor, type MissingTable, protocolsOf } from './sock-diag.ts'

/** Tries everything that the engine does and reports the result of each. Never rejects: a failure is a check too. */
export async function checkPermissions(collector: Collector, sampler: Sampler, host: Host): Promise<PermissionCheck[]> {
  let failure: unknown = null
  collector.givenCounts.need()
  await collector.flowSamples.read()
  const totals = await sampler
    .read(SINGLE_FRAME, async ({ frame }) => ({ ...frame.totals(), ...rest(collector) }))
    .catch((error: unknown) => {
      failure = error
      return null
    })
  const has = (capability: string) => host.capabilities?.includes(capability) ?? false
  return [
    sockets(totals?.sockets ?? null, failure, sampler.shortfalls),
    owners(collector, totals, has('cap_sys_ptrace')),
    options(collector, totals, has('cap_sys_ptrace')),
    pollers(collector, has('cap_sys_ptrace')),
    namespaces(collector, totals, has('cap_sys_admin')),
    kernelLookup(totals !== null, collector.missing),
    boundTcp(totals === null ? null : await collector.listsBoundTcp(), collector.isMissing('tcp'), collector.missing),
    kernelGroups(collector.kernelGroups, host.uid === 0),
    counts(collector.givenCounts, host.uid === 0),
    flows(collector.flowSamples, host.uid === 0),
  ]
}

type Counts = { unknown: number; processes: number }
type Totals = ({ sockets: number; groups: number; unshared: number; ownersHidden: number } & Counts) | null

function rest(collector: Collector): Counts {
  const frame = collector.frame
  let unknown = 0
  if (frame) for (let row = 0; row < frame.groups.count; row++) if (frame.sharing(row) === 'unknown') unknown++
  return { unknown, processes: collector.processTable.processes.size }
}

const MOUNT_PROC = 'Mount /proc, or run outside this sandbox.'

function sockets(count: number | null, failure: unknown, shortfalls: readonly Shortfall[]): PermissionCheck {
  const subject = 'Sockets: TCP and UDP, their queues, drops and users'
  if (count !== null) {
    const base = { id: 'sockets', subject }
    const [worst] = shortfalls
    if (worst !== undefined) {
      const found = `${pluralize(count, 'socket')} found; ${worst.operation}: ${worst.cause}`
      return { ...base, state: 'partial', detail: found, hint: worst.hint }
    }
    return { ...base, state: 'yes', detail: `${pluralize(count, 'socket')} read over sock_diag`, hint: null }
  }
  const problem = problemOfError('reading the sockets of this network namespace', failure)
  return { id: 'sockets', subject, state: 'no', detail: problem.cause, hint: problem.hint }
}

function owners(collector: Collector, totals: Totals, ptrace: boolean): PermissionCheck {
  const base = { id: 'owners', subject: 'Owners: which processes hold a socket' }
  const { failure, refused } = collector.processTable
  if (failure !== null) return { ...base, state: 'no', detail: failure, hint: MOUNT_PROC }
  if (totals === null) return { ...base, state: 'unknown', detail: 'the sockets could not be read', hint: null }
  if (refused === 0 && totals.ownersHidden === 0) {
    return { ...base, state: 'yes', detail: `all ${formatCount(totals.processes)} processes are readable`, hint: null }
  }
  const hidden = `${formatCount(totals.ownersHidden)} of ${pluralize(totals.sockets, 'socket')} ${totals.ownersHidden === 1 ? 'has' : 'have'} no visible owner`
  if (refused === 0) {
    const detail = `${hidden}: the kernel itself, or processes that /proc does not list (hidepid), hold them`
    return { ...base, state: totals.ownersHidden === totals.sockets ? 'no' : 'partial', detail, hint: rootHint(ptrace) }
  }
  const detail = `${hidden}; ${formatCount(refused)} of ${formatCount(totals.processes)} processes are not readable`
  return { ...base, state: 'partial', detail, hint: rootHint(ptrace) }
}

function options(collector: Collector, totals: Totals, ptrace: boolean): PermissionCheck {
  const base = {
    id: 'options',
    subject: 'Socket options: SO_REUSEPORT, SO_REUSEADDR and TCP_DEFER_ACCEPT, read from the sockets',
  }
  if (totals === null) return { ...base, state: 'unknown', detail: 'the sockets could not be read', hint: null }
  const rest = totals.unknown > 0 ? `; sharing is unknown for ${pluralize(totals.unknown, 'group')}` : ''
  if (collector.processTable.failure !== null) {
    const detail = `not readable, since the processes that hold them are unknown; the kernel lookup is used instead${rest}`
    return { ...base, state: 'no', detail, hint: MOUNT_PROC }
  }
  const { unreadableOptions: refusedOptions } = collector
  if (ptrace && refusedOptions > 0) {
    const detail = `${pluralize(refusedOptions, 'socket')} could not be queried (pidfd_getfd); the kernel lookup is used instead${rest}`
    return {
      ...base,
      state: 'partial',
      detail,
      hint: 'Run it where neither a sandbox nor Yama blocks pidfd_getfd(2), on Linux 5.6 or later.',
    }
  }
  if (ptrace) return { ...base, state: 'yes', detail: `readable for every process (pidfd_getfd)${rest}`, hint: null }
  return {
    ...base,
    state: 'partial',
    detail: `readable for your own processes only (pidfd_getfd); the kernel lookup is used for the others${rest}`,
    hint: rootHint(ptrace),
  }
}

const NOT_VISIBLE = 'poll(2), select(2), io_uring and nested epoll sets are not visible'

function pollers(collector: Collector, ptrace: boolean): PermissionCheck {
  const base = { id: 'pollers', subject: 'Pollers: which processes wait for a socket with epoll' }
  if (collector.processTable.failure !== null)
    return { ...base, state: 'no', detail: collector.processTable.failure, hint: MOUNT_PROC }
  if (ptrace)
    return {
      ...base,
      state: 'yes',
      detail: `readable for every process that holds a socket; ${NOT_VISIBLE}`,
      hint: null,
    }
  const detail = `readable for your own processes only; ${NOT_VISIBLE}`
  return { ...base, state: 'partial', detail, hint: rootHint(ptrace) }
}

function namespaces(collector: Collector, totals: Totals, admin: boolean): PermissionCheck {
  const open = collector.namespaces.list()
  const closed = collector.namespaces.inaccessible()
  const base = { id: 'namespaces', subject: 'Network namespaces' }
  if (totals === null) return { ...base, state: 'unknown', detail: 'the sockets could not be read', hint: null }
  if (collector.processTable.failure !== null) {
    const detail = `${open.length} open; others are found through /proc and \`ip netns\` names`
    return { ...base, state: 'partial', detail, hint: MOUNT_PROC }
  }
  if (closed.length > 0) {
    const names = closed.map(({ name, reason }) => `${name} (${reason})`).join(', ')
    return { ...base, state: 'partial', detail: `${open.length} open; not accessible: ${names}`, hint: rootHint(admin) }
  }
  const { uncheckedSockets: unasked } = collector.namespaces
  if (admin && unasked > 0) {
    const detail = `${open.length} open; ${pluralize(unasked, 'held socket')} not yet checked for namespaces that they keep alive`
    return { ...base, state: 'partial', detail, hint: null }
  }
  if (!admin) {
    const detail = `${open.length} open; entering others requires CAP_SYS_ADMIN, and some may not be visible`
    return { ...base, state: 'partial', detail, hint: rootHint(admin) }
  }
  return {
    ...base,
    state: 'yes',
    detail: `${open.length} open: ${open.map(({ name }) => name).join(', ')}${namesOfNone(collector)}`,
    hint: null,
  }
}

/** Nothing is missing for them, but `ip netns` lists them too. */
function namesOfNone({ namespaces }: Collector): string {
  const names = namespaces.namesOfNone()
  return names.length === 0 ? '' : `; no network namespace is mounted on ${names.join(', ')}`
}

function kernelLookup(works: boolean, missing: readonly MissingTable[]): PermissionCheck {
  const base = { id: 'kernel-lookup', subject: "Kernel lookup: the kernel's own choice of a member" }
  const lacking = protocolsOf(missing)
  if (works && lacking.length > 0) {
    const names = lacking.map((protocol) => protocol.toUpperCase()).join(' and ')
    const detail = `not available for ${names}: ${describeMissing(missing)}`
    return { ...base, state: lacking.length === 2 ? 'no' : 'partial', detail, hint: hintFor(missing) }
  }
  if (works) return { ...base, state: 'yes', detail: 'available over sock_diag, without any privilege', hint: null }
  return { ...base, state: 'no', detail: 'sock_diag does not answer', hint: null }
}

function boundTcp(seen: boolean | null, lacksTcp: boolean, missing: readonly MissingTable[]): PermissionCheck {
  const base = { id: 'bound', subject: 'TCP sockets that are bound but not listening' }
  if (seen === true) return { ...base, state: 'yes', detail: 'listed by this kernel, for every user', hint: null }
  if (seen === null) {
    return { ...base, state: 'unknown', detail: 'could not determine whether this kernel lists them', hint: null }
  }
  const effect = 'they are missing from groups, and one of them may hold a port that looks free'
  if (lacksTcp) return { ...base, state: 'no', detail: `not in /proc/net: ${effect}`, hint: hintFor(missing) }
  const detail = `this kernel does not list them, Linux 6.8 and later do: ${effect}`
  return { ...base, state: 'no', detail, hint: null }
}

function kernelGroups({ unavailable }: KernelGroups, root: boolean): PermissionCheck {
  const base = { id: 'kernel-groups', subject: "The kernel's own groups: order of members, steering programs, maps" }
  if (unavailable === null) {
    return { ...base, state: 'yes', detail: 'read by a BPF program, in every network namespace', hint: null }
  }
  const detail = `${unavailable}; everything shown about steering is about the hash`
  return { ...base, state: 'no', detail, hint: rootHint(root) }
}

function counts({ unavailable }: GivenCounts, root: boolean): PermissionCheck {
  const base = { id: 'counts', subject: 'What members are given: each connection and datagram, counted' }
  if (unavailable === null) {
    return { ...base, state: 'yes', detail: 'counted by a BPF program while somebody watches', hint: null }
  }
  return { ...base, state: 'no', detail: `${unavailable}; shares are those of sampled clients`, hint: rootHint(root) }
}

function flows({ unavailable }: FlowSamples, root: boolean): PermissionCheck {
  const base = { id: 'flows', subject: 'Recent clients: which client went to which member, sampled' }
  if (unavailable === null) {
    return { ...base, state: 'yes', detail: 'sampled by a BPF program while somebody asks for it', hint: null }
  }
  return { ...base, state: 'no', detail: unavailable, hint: rootHint(root) }
}

function rootHint(already: boolean): string | null {
  return already ? null : 'Run the command or `serve` as root, for example `sudo reuseport-inspector groups`'
}
