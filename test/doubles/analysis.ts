/** Answers about one group, as the engine would give them. */
import type { Balance, PacketPath } from '../../electron/contract/analysis.ts'
import type { GroupRow, MemberRow } from '../../electron/contract/live.ts'
import type { GroupKey, Member } from '../../electron/contract/model.ts'

function keyOf(row: GroupRow): GroupKey {
  const { id, netns, protocol, family, v6only, address, port, interface: bound, uid, user, sharing, evidence } = row
  return { id, netns, protocol, family, v6only, address, port, interface: bound, uid, user, sharing, evidence }
}

/** 20,000 clients, spread over the members as a hash spreads them. */
export function evenBalance(row: GroupRow, members: readonly MemberRow[]): Balance {
  const mean = Math.floor(20_000 / members.length)
  const flows = members.map((_, at) => mean + ((at * 37) % 61) - 30)
  const total = flows.reduce((sum, one) => sum + one, 0)
  const [max, min] = [Math.max(...flows), Math.min(...flows)]
  return {
    group: keyOf(row),
    takenAt: new Date().toISOString(),
    members: members.map(({ cookie, inode, queue, drops, holders }, at) => ({
      cookie,
      inode,
      queue: queue.length,
      drops,
      flows: flows[at] ?? null,
      given: null,
      pids: (holders ?? []).map(({ pid }) => pid),
    })),
    queue: null,
    drops: null,
    flows: {
      members: members.length,
      total,
      mean: total / members.length,
      max,
      min,
      maxOverMean: (max * members.length) / total,
      maxOverMin: max / min,
      jain: 0.9998,
      chiSquare: 0.9 * (members.length - 1),
      degreesOfFreedom: members.length - 1,
      p: 0.56,
    },
    given: null,
    givenSince: null,
    givenUnknownBecause: 'this is a double',
    connections: null,
    verdict: 'even',
    summary: 'As even as chance allows: 20,000 clients were looked up.',
    warnings: [],
  }
}

/** A client that reaches `member` by hash. */
export function pathTo(row: GroupRow, member: Member): PacketPath {
  const query = {
    netns: row.netns,
    protocol: row.protocol,
    family: row.family,
    local: { address: '10.20.0.5', port: row.port },
    interface: 'eth0',
    arrival: { reach: 'local', interfaceGiven: false, reason: 'Packets for 10.20.0.5 arrive on eth0.' },
    beforeLookup: [],
    remote: { address: '198.51.100.7', port: 40_312 },
  } as const
  return {
    ...query,
    beforeLookup: [],
    candidates: [
      {
        group: keyOf(row),
        state: 'listening',
        sockets: row.receiving,
        pass: 'wildcard',
        score: 2,
        points: [{ name: 'family', points: 2 }],
        outcome: 'won',
        reason: 'It is the only one.',
      },
    ],
    winner: keyOf(row),
    orderDecides: false,
    choice: { steeredBy: 'hash', among: row.receiving },
    lookup: {
      ...query,
      beforeLookup: [],
      member,
      group: keyOf(row),
      otherSockets: [],
      steeredBy: 'hash',
      reason: 'The hash of the client chooses among the members.',
      warnings: [],
    },
    agrees: true,
    wakes: null,
    steps: [
      'The packet arrives on eth0.',
      'No socket is bound to 10.20.0.5; the group on 0.0.0.0 wins.',
      'The hash of the client chooses this member.',
    ],
    warnings: [],
  }
}
