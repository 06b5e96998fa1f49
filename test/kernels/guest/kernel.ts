/** Features of this kernel version that cannot be read from the machine: facts of the kernel's history. */
import { release } from 'node:os'
import type { PlainGroup } from '../../integration/support/truth.ts'

/** Linux 6.8 and later: sock_diag lists bound TCP sockets that do not listen (TCPF_BOUND_INACTIVE, inet_diag.c). */
export const listsBoundTcp = isAtLeast(6, 8)

/**
 * Since Linux 5.14, connections queued at a listener that closes can migrate to another (inet_csk_listen_stop() in
 * net/ipv4/inet_connection_sock.c). Debian's 5.10 has net.ipv4.tcp_migrate_req but no code that reads it.
 */
export const migratesRequests = isAtLeast(5, 14)

/** Linux 6.0 and later have all that the reader of groups uses (native/bpf/group_reader.cc). */
export const readsKernelGroups = isAtLeast(6, 0)

/** The tracepoint sk_data_ready, since Linux 6.3: what is given is counted, and clients are sampled. */
export const countsGiven = isAtLeast(6, 3)

/** Groups as this kernel reports them: without the members that it does not list. */
export function asListed(groups: readonly PlainGroup[]): PlainGroup[] {
  if (listsBoundTcp) return [...groups]
  return groups
    .map((group) => ({ ...group, members: group.members.filter(({ state }) => state !== 'bound') }))
    .filter(({ members }) => members.length > 0)
}

function isAtLeast(major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = release().split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}
