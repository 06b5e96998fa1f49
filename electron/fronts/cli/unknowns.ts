/** What is not known of a group, why, and what would tell. */
import { receives } from '../../contract/meaning.ts'
import type { Group, Host } from '../../contract/model.ts'
import { several } from './words.ts'

/** Sentences; none where everything is known. `owners: false` says that owners were not asked for. */
export function unknowns(group: Group, host: Pick<Host, 'uid'>, asked: { readonly owners: boolean }): string[] {
  const sentences: string[] = []
  const say = (sentence: string) => sentences.push(sentence)
  const total = group.members.length
  const receiving = group.members.filter((member) => receives(member.state))
  const more = host.uid === 0 ? '' : ' As root, or as the user who runs it, more can be read.'

  const procNet = group.members.some((member) => member.cookie === null)
  if (group.evidence === 'proc-net') {
    say(
      `How they share the port, and whether they are one group: /proc/net does not tell options, the bound interface or IPV6_V6ONLY.${more}`,
    )
  } else if (group.sharing === 'unknown') {
    say(`How they share the port: the socket options are not readable, and the kernel's lookup did not tell.${more}`)
  }
  if (!asked.owners) {
    say('Owners and pollers: not asked for, because of --no-owners.')
  } else {
    const hidden = group.members.filter((member) => member.holders === null).length
    if (hidden > 0) {
      say(`Owners of ${ofAll(hidden, total)}: no process with readable descriptors holds them.${more}`)
    }
    const unpolled = receiving.filter((member) => member.holders !== null && member.pollers === null).length
    if (unpolled > 0) {
      say(
        `Who polls ${ofAll(unpolled, total)}: no readable epoll set holds ${unpolled === 1 ? 'it' : 'them'}; poll(2) and io_uring do not show.`,
      )
    }
  }
  const source = procNet ? '/proc/net, all there is without sock_diag,' : 'this kernel'
  const limits = receiving.filter((member) => member.queue.limit === null).length
  if (limits > 0) say(`The queue limit of ${ofAll(limits, total)}: ${source} does not report it.`)
  if (procNet) say('Cookies, and which member a client reaches: both are asked over sock_diag.')
  const drops = receiving.filter((member) => member.drops === null).length
  if (drops > 0) {
    say(
      group.protocol === 'tcp' && !procNet
        ? `Drops of ${ofAll(drops, total)}: the counter of a listener with deferred accept (TCP_DEFER_ACCEPT) also counts healthy connections, and ${drops === 1 ? 'it has' : 'they have'} that option, or it could not be read.${more}`
        : `Drops of ${ofAll(drops, total)}: ${source} does not report them.`,
    )
  }
  if (group.sharing === 'reuseport') {
    say('Whether a BPF program picks the member instead of the hash: the kernel lets nobody read that from outside.')
  }
  return sentences
}

function ofAll(some: number, all: number): string {
  return some === all ? (all === 1 ? 'its socket' : 'all its sockets') : `${several(some, 'member')} of ${all}`
}
