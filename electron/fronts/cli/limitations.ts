/** What is unknown about a group, why, and how to find out. */
import { receives } from '../../contract/constants.ts'
import type { Group, Snapshot } from '../../contract/model.ts'
import { pluralize } from './format.ts'

/** One sentence each; none where everything is known. `owners: false`: owners were not requested. */
export function limitations(
  group: Group,
  {
    host,
    kernelGroupsUnknownBecause,
    flowsUnknownBecause,
  }: Pick<Snapshot, 'host' | 'kernelGroupsUnknownBecause' | 'flowsUnknownBecause'>,
  read: { readonly owners: boolean },
): string[] {
  const sentences: string[] = []
  const add = (sentence: string) => sentences.push(sentence)
  const total = group.members.length
  const receiving = group.members.filter((member) => receives(member.state))
  const more = host.uid === 0 ? '' : ' Root, or the user who runs it, can read more.'

  const procNet = group.members.some((member) => member.cookie === null)
  if (group.evidence === 'proc-net') {
    add(
      `How they share the port, and whether they are one group: /proc/net does not report options, the bound interface or IPV6_V6ONLY.${more}`,
    )
  } else if (group.sharing === 'unknown') {
    add(`How they share the port: the socket options are not readable, and the kernel lookup was inconclusive.${more}`)
  }
  if (!read.owners) {
    add('Owners and pollers: not read, because of --no-owners.')
  } else {
    const hidden = group.members.filter((member) => member.holders === null).length
    if (hidden > 0) {
      add(`Owners of ${describeShare(hidden, total)}: no process with readable descriptors holds them.${more}`)
    }
    const unpolled = receiving.filter((member) => member.holders !== null && member.pollers === null).length
    if (unpolled > 0) {
      add(
        `Pollers of ${describeShare(unpolled, total)}: no readable epoll set contains ${unpolled === 1 ? 'it' : 'them'}; poll(2) and io_uring are not visible.`,
      )
    }
  }
  const source = procNet ? '/proc/net, the only source without sock_diag,' : 'this kernel'
  const limits = receiving.filter((member) => member.queue.limit === null).length
  if (limits > 0) add(`The queue limit of ${describeShare(limits, total)}: ${source} does not report it.`)
  if (procNet) add('Cookies, and which member a client reaches: both need sock_diag.')
  const drops = receiving.filter((member) => member.drops === null).length
  if (drops > 0) {
    add(
      group.protocol === 'tcp' && !procNet
        ? `Drops of ${describeShare(drops, total)}: with TCP_DEFER_ACCEPT the counter also counts healthy connections, and ${drops === 1 ? 'this socket has' : 'these sockets have'} that option, or it could not be read.${more}`
        : `Drops of ${describeShare(drops, total)}: ${source} does not report them.`,
    )
  }
  if (group.sharing === 'reuseport' && group.kernelGroups === undefined) {
    const cause = kernelGroupsUnknownBecause ?? 'no process that the BPF reader sees holds a member'
    add(`The kernel's own group, and whether a BPF program selects the member instead of the hash: ${cause}.`)
  }
  if (flowsUnknownBecause !== undefined) add(`Which clients went to which member: ${flowsUnknownBecause}.`)
  return sentences
}

function describeShare(some: number, all: number): string {
  return some === all ? (all === 1 ? 'its socket' : 'all its sockets') : `${pluralize(some, 'member')} of ${all}`
}
