/** What this user can and cannot see on this machine, and how to see more: the doctor's list. */
import type { Check } from '../contract/live.ts'
import type { Host, Shortfall } from '../contract/model.ts'
import { several } from '../contract/words.ts'
import type { Inspection } from './inspection.ts'
import { problemOfError } from './problems.ts'
import type { Sampler } from './sampler.ts'
import { type MissingTable, protocolsOf, remedyFor, whatIsMissing } from './sock-diag.ts'

/** Tries everything that the engine does, and tells how each went. Never rejects: what fails is a line of the list. */
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

const MOUNT_PROC = 'Mount /proc, or run outside of this sandbox.'
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
  const problem = problemOfError('the sockets of this network namespace', failure)
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
  const hidden = `${counted(totals.ownersHidden)} of ${several(totals.sockets, 'socket')} ${totals.ownersHidden === 1 ? 'has' : 'have'} no owner that may be seen`
  if (refused === 0) {
    const detail = `${hidden}; the kernel itself, or processes that /proc does not list (hidepid), hold them`
    return { ...base, state: totals.ownersHidden === totals.sockets ? 'no' : 'partly', detail, remedy: asRoot(ptrace) }
  }
  const detail = `${hidden}; ${counted(refused)} of ${counted(totals.processes)} processes refuse to be read`
  return { ...base, state: 'partly', detail, remedy: asRoot(ptrace) }
}

function options(inspection: Inspection, totals: Totals, ptrace: boolean): Check {
  const base = {
    id: 'options',
    subject: 'Socket options: SO_REUSEPORT, SO_REUSEADDR and TCP_DEFER_ACCEPT, read from the sockets',
  }
  if (totals === null) return { ...base, state: 'unknown', detail: 'the sockets could not be read', remedy: null }
  const rest = totals.unknown > 0 ? `; ${counted(totals.unknown)} groups stay unknown` : ''
  if (inspection.owners.failure !== null) {
    const detail = `of none: which processes hold them is not known; the steering oracle stands in${rest}`
    return { ...base, state: 'no', detail, remedy: MOUNT_PROC }
  }
  const { refusedOptions } = inspection
  if (ptrace && refusedOptions > 0) {
    const detail = `${several(refusedOptions, 'socket')} may not be asked (pidfd_getfd); the steering oracle stands in${rest}`
    return {
      ...base,
      state: 'partly',
      detail,
      remedy: 'Run it where neither a sandbox nor Yama forbids pidfd_getfd(2), on Linux 5.6 or later.',
    }
  }
  if (ptrace) return { ...base, state: 'yes', detail: `of every process (pidfd_getfd)${rest}`, remedy: null }
  return {
    ...base,
    state: 'partly',
    detail: `of your own processes only (pidfd_getfd); the steering oracle stands in for the others${rest}`,
    remedy: asRoot(ptrace),
  }
}

const NOT_SEEN = 'poll(2), select(2), io_uring and an epoll set inside another do not show'

function pollers(inspection: Inspection, ptrace: boolean): Check {
  const base = { id: 'pollers', subject: 'Pollers: which process waits for a socket with epoll' }
  if (inspection.owners.failure !== null)
    return { ...base, state: 'no', detail: inspection.owners.failure, remedy: MOUNT_PROC }
  if (ptrace)
    return { ...base, state: 'yes', detail: `of every process that holds a socket; ${NOT_SEEN}`, remedy: null }
  const detail = `of your own processes only; ${NOT_SEEN}`
  return { ...base, state: 'partly', detail, remedy: asRoot(ptrace) }
}

function namespaces(inspection: Inspection, totals: Totals, admin: boolean): Check {
  const open = inspection.namespaces.list()
  const closed = inspection.namespaces.closedToUs()
  const base = { id: 'namespaces', subject: 'Network namespaces' }
  if (totals === null) return { ...base, state: 'unknown', detail: 'the sockets could not be read', remedy: null }
  if (inspection.owners.failure !== null) {
    const detail = `${open.length} open; others are found through /proc and the names of \`ip netns\``
    return { ...base, state: 'partly', detail, remedy: MOUNT_PROC }
  }
  if (closed.length > 0) {
    const names = closed.map(({ name, reason }) => `${name} (${reason})`).join(', ')
    return { ...base, state: 'partly', detail: `${open.length} open; closed to you: ${names}`, remedy: asRoot(admin) }
  }
  const { unasked } = inspection.namespaces
  if (admin && unasked > 0) {
    const detail = `${open.length} open; ${several(unasked, 'socket')} of processes were not asked yet whether they keep another alive`
    return { ...base, state: 'partly', detail, remedy: null }
  }
  if (!admin) {
    const detail = `${open.length} open; others can be entered only with CAP_SYS_ADMIN, and may not even be seen`
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
  const base = { id: 'oracle', subject: "Steering oracle: the kernel's own choice of a member" }
  const lacking = protocolsOf(missing)
  if (works && lacking.length > 0) {
    const names = lacking.map((protocol) => protocol.toUpperCase()).join(' and ')
    const detail = `it cannot be asked about ${names}: ${whatIsMissing(missing)}`
    return { ...base, state: lacking.length === 2 ? 'no' : 'partly', detail, remedy: remedyFor(missing) }
  }
  if (works) return { ...base, state: 'yes', detail: 'asked over sock_diag, without any privilege', remedy: null }
  return { ...base, state: 'no', detail: 'sock_diag does not answer', remedy: null }
}

function boundTcp(seen: boolean | null, lacksTcp: boolean, missing: readonly MissingTable[]): Check {
  const base = { id: 'bound', subject: 'TCP sockets that are bound and do not listen' }
  if (seen === true)
    return { ...base, state: 'yes', detail: 'listed by this kernel, those of every user', remedy: null }
  if (seen === null) {
    return { ...base, state: 'unknown', detail: 'whether this kernel lists them could not be found out', remedy: null }
  }
  const effect = 'they are missing from groups, and one of them could have a port that looks free'
  if (lacksTcp) return { ...base, state: 'no', detail: `not in /proc/net: ${effect}`, remedy: remedyFor(missing) }
  const detail = `this kernel does not list them, Linux 6.8 and later do: ${effect}`
  return { ...base, state: 'no', detail, remedy: null }
}

function bpf(): Check {
  return {
    id: 'bpf',
    subject: 'BPF programs that steer a group',
    state: 'no',
    detail: 'no kernel interface tells of them; what is said of steering is said of the hash',
    remedy: null,
  }
}

function asRoot(already: boolean): string | null {
  return already ? null : 'Run the terminal or `serve` as root, such as `sudo reuseport-inspector groups`'
}
