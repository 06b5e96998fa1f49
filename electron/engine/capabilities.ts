/** The permission checks (`doctor`): what this user can and cannot see on this machine, and how to see more. */
import type { Check } from '../contract/live.ts'
import type { Host, Shortfall } from '../contract/model.ts'
import { several } from '../contract/words.ts'
import type { Inspection } from './inspection.ts'
import { problemOfError } from './problems.ts'
import type { Sampler } from './sampler.ts'
import { type MissingTable, protocolsOf, remedyFor, whatIsMissing } from './sock-diag.ts'

/** Tries everything that the engine does and reports the result of each. Never rejects: a failure is a check too. */
export async function examine(inspection: Inspection, sampler: Sampler, host: Host): Promise<Check[]> {
  let failure: unknown = null
  const totals = await sampler
    .read('now', async ({ picture }) => ({ ...picture.totals(), ...counts(inspection) }))
    .catch((error: unknown) => {
      failure = error
      return null
    })
  const has = (capability: string) => host.capabilities?.includes(capability) ?? false
  return [
    sockets(totals?.sockets ?? null, failure, sampler.shortfalls),
    owners(inspection, totals, has('cap_sys_ptrace')),
    options(inspection, totals, has('cap_sys_ptrace')),
    pollers(inspection, has('cap_sys_ptrace')),
    namespaces(inspection, totals, has('cap_sys_admin')),
    oracle(totals !== null, inspection.missing),
    boundTcp(totals === null ? null : await inspection.seesBoundTcp(), inspection.lacks('tcp'), inspection.missing),
    bpf(),
  ]
}

type Counted = { unknown: number; processes: number }
type Totals = ({ sockets: number; groups: number; plain: number; ownersHidden: number } & Counted) | null

function counts(inspection: Inspection): Counted {
  const picture = inspection.picture
  let unknown = 0
  if (picture) for (let row = 0; row < picture.groups.count; row++) if (picture.sharing(row) === 'unknown') unknown++
  return { unknown, processes: inspection.owners.processes.size }
}

const MOUNT_PROC = 'Mount /proc, or run outside this sandbox.'
const counted = (count: number) => count.toLocaleString('en')

function sockets(count: number | null, failure: unknown, shortfalls: readonly Shortfall[]): Check {
  const subject = 'Sockets: TCP and UDP, their queues, drops and users'
  if (count !== null) {
    const base = { id: 'sockets', subject }
    const [worst] = shortfalls
    if (worst !== undefined) {
      const found = `${several(count, 'socket')} found; ${worst.asked}: ${worst.happened}`
      return { ...base, state: 'partly', detail: found, remedy: worst.remedy }
    }
    return { ...base, state: 'yes', detail: `${several(count, 'socket')} read over sock_diag`, remedy: null }
  }
  const problem = problemOfError('reading the sockets of this network namespace', failure)
  return { id: 'sockets', subject, state: 'no', detail: problem.happened, remedy: problem.remedy }
}

function owners(inspection: Inspection, totals: Totals, ptrace: boolean): Check {
  const base = { id: 'owners', subject: 'Owners: which processes hold a socket' }
  const { failure, refused } = inspection.owners
  if (failure !== null) return { ...base, state: 'no', detail: failure, remedy: MOUNT_PROC }
  if (totals === null) return { ...base, state: 'unknown', detail: 'the sockets could not be read', remedy: null }
  if (refused === 0 && totals.ownersHidden === 0) {
    return { ...base, state: 'yes', detail: `all ${counted(totals.processes)} processes are readable`, remedy: null }
  }
  const hidden = `${counted(totals.ownersHidden)} of ${several(totals.sockets, 'socket')} ${totals.ownersHidden === 1 ? 'has' : 'have'} no visible owner`
  if (refused === 0) {
    const detail = `${hidden}: the kernel itself, or processes that /proc does not list (hidepid), hold them`
    return { ...base, state: totals.ownersHidden === totals.sockets ? 'no' : 'partly', detail, remedy: asRoot(ptrace) }
  }
  const detail = `${hidden}; ${counted(refused)} of ${counted(totals.processes)} processes are not readable`
  return { ...base, state: 'partly', detail, remedy: asRoot(ptrace) }
}

function options(inspection: Inspection, totals: Totals, ptrace: boolean): Check {
  const base = {
    id: 'options',
    subject: 'Socket options: SO_REUSEPORT, SO_REUSEADDR and TCP_DEFER_ACCEPT, read from the sockets',
  }
  if (totals === null) return { ...base, state: 'unknown', detail: 'the sockets could not be read', remedy: null }
  const rest = totals.unknown > 0 ? `; sharing is unknown for ${several(totals.unknown, 'group')}` : ''
  if (inspection.owners.failure !== null) {
    const detail = `not readable, since the processes that hold them are unknown; the kernel lookup is used instead${rest}`
    return { ...base, state: 'no', detail, remedy: MOUNT_PROC }
  }
  const { refusedOptions } = inspection
  if (ptrace && refusedOptions > 0) {
    const detail = `${several(refusedOptions, 'socket')} could not be queried (pidfd_getfd); the kernel lookup is used instead${rest}`
    return {
      ...base,
      state: 'partly',
      detail,
      remedy: 'Run it where neither a sandbox nor Yama blocks pidfd_getfd(2), on Linux 5.6 or later.',
    }
  }
  if (ptrace) return { ...base, state: 'yes', detail: `readable for every process (pidfd_getfd)${rest}`, remedy: null }
  return {
    ...base,
    state: 'partly',
    detail: `readable for your own processes only (pidfd_getfd); the kernel lookup is used for the others${rest}`,
    remedy: asRoot(ptrace),
  }
}

const NOT_SEEN = 'poll(2), select(2), io_uring and nested epoll sets are not visible'

function pollers(inspection: Inspection, ptrace: boolean): Check {
  const base = { id: 'pollers', subject: 'Pollers: which processes wait for a socket with epoll' }
  if (inspection.owners.failure !== null)
    return { ...base, state: 'no', detail: inspection.owners.failure, remedy: MOUNT_PROC }
  if (ptrace)
    return {
      ...base,
      state: 'yes',
      detail: `readable for every process that holds a socket; ${NOT_SEEN}`,
      remedy: null,
    }
  const detail = `readable for your own processes only; ${NOT_SEEN}`
  return { ...base, state: 'partly', detail, remedy: asRoot(ptrace) }
}

function namespaces(inspection: Inspection, totals: Totals, admin: boolean): Check {
  const open = inspection.namespaces.list()
  const closed = inspection.namespaces.closedToUs()
  const base = { id: 'namespaces', subject: 'Network namespaces' }
  if (totals === null) return { ...base, state: 'unknown', detail: 'the sockets could not be read', remedy: null }
  if (inspection.owners.failure !== null) {
    const detail = `${open.length} open; others are found through /proc and \`ip netns\` names`
    return { ...base, state: 'partly', detail, remedy: MOUNT_PROC }
  }
  if (closed.length > 0) {
    const names = closed.map(({ name, reason }) => `${name} (${reason})`).join(', ')
    return { ...base, state: 'partly', detail: `${open.length} open; not accessible: ${names}`, remedy: asRoot(admin) }
  }
  const { unasked } = inspection.namespaces
  if (admin && unasked > 0) {
    const detail = `${open.length} open; ${several(unasked, 'held socket')} not yet checked for namespaces that they keep alive`
    return { ...base, state: 'partly', detail, remedy: null }
  }
  if (!admin) {
    const detail = `${open.length} open; entering others requires CAP_SYS_ADMIN, and some may not be visible`
    return { ...base, state: 'partly', detail, remedy: asRoot(admin) }
  }
  return {
    ...base,
    state: 'yes',
    detail: `${open.length} open: ${open.map(({ name }) => name).join(', ')}`,
    remedy: null,
  }
}

function oracle(works: boolean, missing: readonly MissingTable[]): Check {
  const base = { id: 'oracle', subject: "Kernel lookup: the kernel's own choice of a member" }
  const lacking = protocolsOf(missing)
  if (works && lacking.length > 0) {
    const names = lacking.map((protocol) => protocol.toUpperCase()).join(' and ')
    const detail = `not available for ${names}: ${whatIsMissing(missing)}`
    return { ...base, state: lacking.length === 2 ? 'no' : 'partly', detail, remedy: remedyFor(missing) }
  }
  if (works) return { ...base, state: 'yes', detail: 'available over sock_diag, without any privilege', remedy: null }
  return { ...base, state: 'no', detail: 'sock_diag does not answer', remedy: null }
}

function boundTcp(seen: boolean | null, lacksTcp: boolean, missing: readonly MissingTable[]): Check {
  const base = { id: 'bound', subject: 'TCP sockets that are bound but not listening' }
  if (seen === true) return { ...base, state: 'yes', detail: 'listed by this kernel, for every user', remedy: null }
  if (seen === null) {
    return { ...base, state: 'unknown', detail: 'could not determine whether this kernel lists them', remedy: null }
  }
  const effect = 'they are missing from groups, and one of them may hold a port that looks free'
  if (lacksTcp) return { ...base, state: 'no', detail: `not in /proc/net: ${effect}`, remedy: remedyFor(missing) }
  const detail = `this kernel does not list them, Linux 6.8 and later do: ${effect}`
  return { ...base, state: 'no', detail, remedy: null }
}

function bpf(): Check {
  return {
    id: 'bpf',
    subject: 'BPF programs that steer a group',
    state: 'no',
    detail: 'no kernel interface reports them; everything shown about steering is about the hash',
    remedy: null,
  }
}

function asRoot(already: boolean): string | null {
  return already ? null : 'Run the command or `serve` as root, for example `sudo reuseport-inspector groups`'
}
