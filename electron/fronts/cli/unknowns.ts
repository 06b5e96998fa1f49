/** What is unknown about a group, why, and how to find out. */
import { receives } from '../../contract/meaning.ts'
import type { Group, Host } from '../../contract/model.ts'
import { several } from './words.ts'

/** One sentence each; none where everything is known. `owners: false`: owners were not requested. */
export function unknowns(group: Group, host: Pick<Host, 'uid'>, asked: { readonly owners: boolean }): string[] {
  const sentences: string[] = []
  const say = (sentence: string) => sentences.push(sentence)
  const total = group.members.length
  const receiving = group.members.filter((member) => receives(member.state))
  const more = host.uid === 0 ? '' : ' Root, or the user who runs it, can read more.'

  const procNet = group.members.some((member) => member.cookie === null)
  if (group.evidence === 'proc-net') {
    say(
      `How they share the port, and whether they are one group: /proc/net does not report options, the bound interface or IPV6_V6ONLY.${more}`,
    )
  } else if (group.sharing === 'unknown') {
    say(`How they share the port: the socket options are not readable, and the kernel lookup was inconclusive.${more}`)
  }
  if (!asked.owners) {
    say('Owners and pollers: not read, because of --no-owners.')
  } else {
    const hidden = group.members.filter((member) => member.holders === null).length
    if (hidden > 0) {
      say(`Owners of ${ofAll(hidden, total)}: no process with readable descriptors holds them.${more}`)
    }
    const unpolled = receiving.filter((member) => member.holders !== null && member.pollers === null).length
    if (unpolled > 0) {
      say(
        `Pollers of ${ofAll(unpolled, total)}: no readable epoll set contains ${unpolled === 1 ? 'it' : 'them'}; poll(2) and io_uring are not visible.`,
      )
    }
  }
  const source = procNet ? '/proc/net, the only source without sock_diag,' : 'this kernel'
  const limits = receiving.filter((member) => member.queue.limit === null).length
  if (limits > 0) say(`The queue limit of ${ofAll(limits, total)}: ${source} does not report it.`)
  if (procNet) say('Cookies, and which member a client reaches: both need sock_diag.')
  const drops = receiving.filter((member) => member.drops === null).length
  if (drops > 0) {
    say(
      group.protocol === 'tcp' && !procNet
        ? `Drops of ${ofAll(drops, total)}: with TCP_DEFER_ACCEPT the counter also counts healthy connections, and ${drops === 1 ? 'this socket has' : 'these sockets have'} that option, or it could not be read.${more}`
        : `Drops of ${ofAll(drops, total)}: ${source} does not report them.`,
    )
  }
  if (group.sharing === 'reuseport') {
    say('Whether a BPF program selects the member instead of the hash: the kernel does not expose that.')
  }
  return sentences
}

function ofAll(some: number, all: number): string {
  return some === all ? (all === 1 ? 'its socket' : 'all its sockets') : `${several(some, 'member')} of ${all}`
}
