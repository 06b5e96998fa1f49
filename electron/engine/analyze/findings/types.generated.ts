// Written by `npm run generate` from the files in electron/engine/analyze/findings/types/.
import backlogClamped from './types/backlog-clamped.ts'
import cpuSteeringPartial from './types/cpu-steering-partial.ts'
import groupShadowed from './types/group-shadowed.ts'
import imbalanceSignificant from './types/imbalance-significant.ts'
import largeIpv6Group from './types/large-ipv6-group.ts'
import memberGetsNothing from './types/member-gets-nothing.ts'
import memberStalled from './types/member-stalled.ts'
import mixedGenerations from './types/mixed-generations.ts'
import nearGroupLimit from './types/near-group-limit.ts'
import notAGroup from './types/not-a-group.ts'
import portHijackable from './types/port-hijackable.ts'
import programMissesMembers from './types/program-misses-members.ts'
import queueOverflowing from './types/queue-overflowing.ts'
import reloadLostConnections from './types/reload-lost-connections.ts'
import udpNewestTakesAll from './types/udp-newest-takes-all.ts'
import udpNotRead from './types/udp-not-read.ts'
import udpReceiveDrops from './types/udp-receive-drops.ts'

export const FINDING_TYPES = {
  'queue-overflowing': queueOverflowing,
  'member-stalled': memberStalled,
  'port-hijackable': portHijackable,
  'reload-lost-connections': reloadLostConnections,
  'udp-receive-drops': udpReceiveDrops,
  'udp-not-read': udpNotRead,
  'backlog-clamped': backlogClamped,
  'near-group-limit': nearGroupLimit,
  'program-misses-members': programMissesMembers,
  'member-gets-nothing': memberGetsNothing,
  'imbalance-significant': imbalanceSignificant,
  'mixed-generations': mixedGenerations,
  'cpu-steering-partial': cpuSteeringPartial,
  'udp-newest-takes-all': udpNewestTakesAll,
  'group-shadowed': groupShadowed,
  'large-ipv6-group': largeIpv6Group,
  'not-a-group': notAGroup,
} as const
