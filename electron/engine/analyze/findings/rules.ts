/** The list of all rules. */
import { availableParallelism } from 'node:os'
import type { FindingCode } from '../../../contract/model.ts'
import { backlogClamped } from './backlog-clamped.ts'
import { cpuSteeringPartial } from './cpu-steering-partial.ts'
import { groupShadowed } from './group-shadowed.ts'
import { type BalanceSample, imbalanceSignificant } from './imbalance-significant.ts'
import { largeIpv6Group } from './large-ipv6-group.ts'
import { memberGetsNothing } from './member-gets-nothing.ts'
import { memberStalled } from './member-stalled.ts'
import { mixedGenerations } from './mixed-generations.ts'
import { nearGroupLimit } from './near-group-limit.ts'
import { notAGroup } from './not-a-group.ts'
import { portHijackable } from './port-hijackable.ts'
import { programMissesMembers } from './program-misses-members.ts'
import { queueOverflowing } from './queue-overflowing.ts'
import { reloadLostConnections } from './reload-lost-connections.ts'
import type { Debounce, GroupView, ListedRule, Rule } from './rule.ts'
import { udpNewestTakesAll } from './udp-newest-takes-all.ts'
import { udpNotRead } from './udp-not-read.ts'
import { udpReceiveDrops } from './udp-receive-drops.ts'

const AT_ONCE: Debounce = { hits: 1, of: 1, clearAfter: 2 }

/**
 * `receiver`: the cookie of the socket that gets all datagrams for the group's endpoint; null if unknown. `online`: the
 * number of CPUs online.
 */
export function allRules(
  weighed: (id: string) => BalanceSample | null,
  receiver: (group: GroupView) => bigint | null = () => null,
  online: () => number = availableParallelism,
): readonly ListedRule[] {
  const rules = {
    'queue-overflowing': queueOverflowing,
    'member-stalled': memberStalled(),
    'member-gets-nothing': memberGetsNothing,
    'imbalance-significant': imbalanceSignificant(weighed),
    'program-misses-members': programMissesMembers,
    'not-a-group': notAGroup,
    'udp-newest-takes-all': udpNewestTakesAll(receiver),
    'port-hijackable': portHijackable(receiver),
    'group-shadowed': groupShadowed,
    'mixed-generations': mixedGenerations,
    'reload-lost-connections': reloadLostConnections(),
    'backlog-clamped': backlogClamped,
    'cpu-steering-partial': cpuSteeringPartial(online),
    'near-group-limit': nearGroupLimit,
    'large-ipv6-group': largeIpv6Group,
    'udp-receive-drops': udpReceiveDrops,
    'udp-not-read': udpNotRead(),
  } satisfies Record<FindingCode, Rule>
  const listed = Object.entries(rules) as [FindingCode, Rule][]
  return listed.map(([code, rule]) => ({ debounce: AT_ONCE, ...rule, code }))
}
