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
    say(`How they share the port: the socket options may not be read, and the kernel's lookup did not tell.${more}`)
  }
  if (!asked.owners) {
    say('Owners and pollers: not asked for, because of --no-owners.')
  } else {
    const hidden = group.members.filter((member) => member.holders === null).length
    if (hidden > 0) {
      say(`Owners of ${ofAll(hidden, total)}: no process whose descriptors may be read holds them.${more}`)
    }
    const unpolled = receiving.filter((member) => member.holders !== null && member.pollers === null).length
    if (unpolled > 0) {
      say(
        `Who polls ${ofAll(unpolled, total)}: no epoll set that may be read holds ${unpolled === 1 ? 'it' : 'them'}; poll(2) and io_uring do not show.`,
      )
    }
  }
  const source = procNet ? '/proc/net, all there is without sock_diag,' : 'this kernel'
  const limits = receiving.filter((member) => member.queue.limit === null).length
  if (limits > 0) say(`The queue limit of ${ofAll(limits, total)}: ${source} does not report it.`)
  if (procNet) say('Cookies, and which member a client reaches: both are asked over sock_diag.')
  const drops = receiving.filter((member) => member.drops === null).length
  if (drops > 0) {
    const deferred =
      group.protocol === 'tcp' && !procNet
        ? ', or they have deferred accept (TCP_DEFER_ACCEPT), with which their counter also counts what was no loss'
        : ''
    say(`Drops of ${ofAll(drops, total)}: ${source} does not report them${deferred}.`)
  }
  const doubted = receiving.filter(
    (member) => asked.owners && member.holders === null && (member.drops ?? 0) > 0,
  ).length
  if (group.protocol === 'tcp' && doubted > 0) {
    say(
      `Whether the drops of ${ofAll(doubted, total)} were losses: with deferred accept (TCP_DEFER_ACCEPT) the counter also counts healthy connections, and the option may not be read.${more}`,
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
