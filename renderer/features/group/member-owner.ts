/** The process that a member belongs to, as far as known. */
import type { MemberRow } from '../../../electron/contract/live.ts'
import type { Holder } from '../../../electron/contract/model.ts'
import { nameInText } from '../../ui/visible-text.ts'

export type MemberOwner = {
  /** `polls`: a process waits for it with epoll. `holds`: a process has a descriptor, but none is known to wait. */
  how: 'polls' | 'holds'
  pid: number
  /** null where the process could not be read. */
  command: string | null
  /** ISO date and time; null where the process could not be read. */
  startedAt: string | null
  /** Number of further processes that poll or hold it the same way. */
  others: number
}

/**
 * The process to name beside a member; null if none is visible. Pollers take precedence over holders: workers inherit
 * all sockets of their master and poll one each, so holders alone mislead.
 */
export function ownerOf({ holders, pollers }: Pick<MemberRow, 'holders' | 'pollers'>): MemberOwner | null {
  const known = holders ?? []
  const polling = pollers?.[0]
  if (polling !== undefined) {
    const holder = known.find(({ pid }) => pid === polling)
    const startedAt = holder?.startedAt ?? null
    return {
      how: 'polls',
      pid: polling,
      command: holder?.command ?? null,
      startedAt,
      others: (pollers?.length ?? 1) - 1,
    }
  }
  const holder = newest(known)
  if (!holder) return null
  const { pid, command, startedAt } = holder
  return { how: 'holds', pid, command, startedAt, others: known.length - 1 }
}

/** "nginx 51702"; without a known name, "process 51702". */
export function ownerText({ command, pid }: Pick<MemberOwner, 'command' | 'pid'>): string {
  return `${command === null ? 'process' : nameInText(command)} ${pid}`
}

/** The most recently started holder: the older ones are the parents that passed the socket on. */
function newest(holders: readonly Holder[]): Holder | undefined {
  return holders.reduce<Holder | undefined>(
    (best, holder) => ((holder.startedAt ?? '') > (best?.startedAt ?? '') ? holder : (best ?? holder)),
    undefined,
  )
}
