/** Which process a member belongs to, as far as it is known. */
import type { MemberRow } from '../../electron/contract/live.ts'
import type { Holder } from '../../electron/contract/model.ts'

export type MemberOwner = {
  /** `polls`: one process waits for it with epoll. `holds`: it has a descriptor, nothing shows who waits. */
  how: 'polls' | 'holds'
  pid: number
  command: string
  /** ISO date and time; null where the process could not be asked. */
  startedAt: string | null
  /** Processes of which the same can be said. */
  others: number
}

/**
 * The process to name beside a member; null where nobody may be seen. Who polls goes before who holds: workers inherit
 * every socket of their master and poll one each, so holders alone mislead.
 */
export function ownerOf({ holders, pollers }: Pick<MemberRow, 'holders' | 'pollers'>): MemberOwner | null {
  const known = holders ?? []
  const polling = pollers?.[0]
  if (polling !== undefined) {
    const holder = known.find(({ pid }) => pid === polling)
    const startedAt = holder?.startedAt ?? null
    return { how: 'polls', pid: polling, command: holder?.command ?? '', startedAt, others: (pollers?.length ?? 1) - 1 }
  }
  const holder = newest(known)
  if (!holder) return null
  const { pid, command, startedAt } = holder
  return { how: 'holds', pid, command, startedAt, others: known.length - 1 }
}

/** Of several holders the youngest: the elder ones are the parents that passed the socket on. */
function newest(holders: readonly Holder[]): Holder | undefined {
  return holders.reduce<Holder | undefined>(
    (best, holder) => ((holder.startedAt ?? '') > (best?.startedAt ?? '') ? holder : (best ?? holder)),
    undefined,
  )
}
