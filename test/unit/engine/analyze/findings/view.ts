/** Group views for tests of rules. */

import { NO_FACTS } from '../../../../../electron/engine/analyze/findings/namespace-facts.ts'
import type {
  GroupView,
  MemberView,
  ProcessView,
  RuleContext,
} from '../../../../../electron/engine/analyze/findings/rule.ts'
import { addressBytes } from '../../../../../electron/engine/common/addresses.ts'

export function aMemberView(change: Partial<MemberView> = {}): MemberView {
  return {
    cookie: 1n,
    state: 'listening',
    uid: 0,
    length: 0,
    limit: 128,
    drops: 0,
    dropped: 0,
    options: null,
    cpu: null,
    holders: [],
    pollers: null,
    serving: [],
    given: null,
    ...change,
  }
}

type Change = Partial<Omit<GroupView, 'members' | 'process' | 'user' | 'key'>> & {
  address?: Uint8Array
  text?: string
  interface?: string | null
  v6only?: boolean | null
  members?: Partial<MemberView>[]
  processes?: ProcessView[]
  users?: Record<number, string>
}

/** A group whose totals are computed from its members. */
export function aGroupView(change: Change = {}): GroupView {
  const {
    members: given = [{}, {}],
    text = '127.0.0.1',
    processes = [],
    users = {},
    interface: on = null,
    v6only = null,
    ...rest
  } = change
  const members = given.map((member, at) => aMemberView({ cookie: BigInt(at + 1), ...member }))
  const fullest = members.reduce<MemberView | undefined>(
    (most, one) => (one.length > (most?.length ?? -1) ? one : most),
    undefined,
  )
  const protocol = rest.protocol ?? 'tcp'
  const family = rest.family ?? (text.includes(':') ? 'ipv6' : 'ipv4')
  const sharing = rest.sharing ?? 'reuseport'
  const port = rest.port ?? 8080
  const id = rest.id ?? '00000000000000aa'
  return {
    id,
    protocol,
    family,
    sharing,
    port,
    receiving: members.length,
    dropped: members.reduce((sum, { dropped }) => sum + (dropped ?? 0), 0),
    queued: members.reduce((sum, { length }) => sum + length, 0),
    fullest:
      fullest === undefined ? null : { cookie: Number(fullest.cookie), length: fullest.length, limit: fullest.limit },
    membership: 1,
    address: addressBytes(text, family) ?? new Uint8Array(16),
    members,
    servers: new Set(members.flatMap(({ serving }) => serving)),
    setsCpu: members.some(({ cpu }) => typeof cpu === 'number'),
    connected: 0,
    delivery: 'one',
    neighbors: [],
    facts: NO_FACTS,
    kernelGroups: undefined,
    given: null,
    process: (pid) => processes.find((process) => process.pid === pid) ?? null,
    launch: () => ({ commandLine: null, unit: null }),
    user: (uid) => users[uid] ?? null,
    ...rest,
    key: {
      id,
      netns: 1,
      protocol,
      family,
      v6only,
      address: text,
      port,
      interface: on,
      uid: 0,
      user: 'root',
      sharing,
      evidence: 'co-listening',
    },
  }
}

export function aMoment(change: Partial<RuleContext> = {}): RuleContext {
  return { slot: 1, now: 1_700_000_000_000, removed: [], ...change }
}
