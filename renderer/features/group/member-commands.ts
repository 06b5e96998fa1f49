/** Commands that show more of one member, ready to be pasted into a terminal. */
import type { GroupRow } from '../../../electron/contract/live.ts'
import { showCommand, ssCommand } from '../../model/groups/group-commands.ts'

/** They only look. `pid`: the process that it belongs to; null where that is unknown. */
export function memberCommands(row: GroupRow, pid: number | null): string[] {
  const calls = row.protocol === 'tcp' ? 'accept,accept4' : 'recvfrom,recvmsg,recvmmsg,read'
  return [
    ...(pid === null ? [] : [`sudo cat /proc/${pid}/stack`, `sudo strace -f -p ${pid} -e trace=${calls}`]),
    ssCommand(row),
    showCommand(row),
  ]
}
