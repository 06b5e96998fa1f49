/** The list of all rules. */
import { availableParallelism } from 'node:os'
import { backlogClamped } from './backlog-clamped.ts'
import { cpuSteeringPartial } from './cpu-steering-partial.ts'
import { groupShadowed } from './group-shadowed.ts'
import { type BalanceSample, imbalanceSignificant } from './imbalance-significant.ts'
import { largeIpv6Group } from './large-ipv6-group.ts'
import { memberStalled } from './member-stalled.ts'
import { mixedGenerations } from './mixed-generations.ts'
import { nearGroupLimit } from './near-group-limit.ts'
import { notAGroup } from './not-a-group.ts'
import { portHijackable } from './port-hijackable.ts'
import { queueOverflowing } from './queue-overflowing.ts'
import { reloadLostConnections } from './reload-lost-connections.ts'
import type { GroupView, Rule } from './rule.ts'
import { udpNewestTakesAll } from './udp-newest-takes-all.ts'
import { udpNotRead } from './udp-not-read.ts'
import { udpReceiveDrops } from './udp-receive-drops.ts'

/** `receiver`: the cookie of the socket that gets all datagrams for the group's endpoint; null if unknown. */
export function allRules(
  weighed: (id: string) => BalanceSample | null,
  receiver: (group: GroupView) => bigint | null = () => null,
): readonly Rule[] {
  return [
    queueOverflowing,
    memberStalled(),
    imbalanceSignificant(weighed),
    notAGroup,
    udpNewestTakesAll(receiver),
    portHijackable(receiver),
    groupShadowed,
    mixedGenerations,
    reloadLostConnections(),
    backlogClamped,
    cpuSteeringPartial(availableParallelism),
    nearGroupLimit,
    largeIpv6Group,
    udpReceiveDrops,
    udpNotRead(),
  ]
}
