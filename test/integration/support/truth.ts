/** The expected snapshot of a test's sockets: derived from how they were opened, never from the engine. */
import { readFileSync } from 'node:fs'
import { memberId } from '../../../electron/contract/ids.ts'
import type { Evidence, Group, Member, Sharing, Snapshot } from '../../../electron/contract/model.ts'
import type { MadeSocket } from './socket-maker.ts'

/**
 * A group without the engine's own choices (its id), its members in order of cookie. Its kernel groups, which root alone
 * gets, are tested in kernel-groups.test.ts.
 */
export type PlainGroup = Omit<Group, 'id' | 'kernelGroups'>

/**
 * The groups of a snapshot in one namespace, in an order that does not depend on the engine. No pollers and unknown
 * pollers are the same here: the pollers of an unshared socket are not read. Without what members were given: whether
 * that is counted depends on who asked before.
 */
export function groupsIn(snapshot: Snapshot, netns: number): PlainGroup[] {
  const plain = ({ given: _, ...member }: Member) => ({
    ...member,
    pollers: member.pollers?.length ? member.pollers : null,
  })
  return sorted(
    snapshot.groups
      .filter((group) => group.netns === netns)
      .map(({ id: _, kernelGroups: __, given: ___, ...group }) => ({ ...group, members: group.members.map(plain) })),
  )
}

export function sorted(groups: PlainGroup[]): PlainGroup[] {
  const name = (group: PlainGroup) => JSON.stringify({ ...group, members: group.members.map(memberId) })
  return groups
    .map((group) => ({ ...group, members: [...group.members].sort((a, b) => compare(a, b)) }))
    .sort((a, b) => (name(a) < name(b) ? -1 : 1))
}

function compare(a: Pick<Member, 'cookie' | 'inode'>, b: Pick<Member, 'cookie' | 'inode'>): number {
  return BigInt(a.cookie ?? a.inode) < BigInt(b.cookie ?? b.inode) ? -1 : 1
}

/**
 * The group that these sockets must form. The key follows from how the first one was opened; `differs` overrides where
 * the kernel does something else.
 */
export function groupOf(
  netns: number,
  sharing: Sharing,
  evidence: Evidence,
  made: MadeSocket[],
  differs: Partial<Omit<PlainGroup, 'members'>> & { members?: Partial<Member>[] } = {},
): PlainGroup {
  const [first] = made
  if (!first) throw new Error('a group has a member')
  const members = made.map((one, index) => ({
    ...memberOf(one),
    ...differs.members?.[index],
  }))
  const uids = new Set(made.map((one) => one.uid))
  const receiving = members.filter((member) => member.state === 'listening' || member.state === 'unconnected')
  const sum = (numbers: (number | null)[]) => numbers.reduce<number>((total, number) => total + (number ?? 0), 0)
  return {
    netns,
    protocol: first.spec.protocol,
    family: first.spec.family === 6 ? 'ipv6' : 'ipv4',
    v6only: v6onlyOf(first),
    address: first.address,
    port: first.port,
    interface: first.spec.interface ?? null,
    uid: uids.size === 1 ? first.uid : null,
    user: uids.size === 1 ? userName(first.uid) : null,
    sharing,
    evidence,
    queue: {
      length: receiving.length === 0 ? null : sum(receiving.map((member) => member.queue.length)),
      limit: receiving.length === 0 ? null : sum(receiving.map((member) => member.queue.limit)),
      unit: first.spec.protocol === 'tcp' ? 'connections' : 'bytes',
    },
    drops: receiving.length === 0 ? null : 0,
    ...differs,
    members: members.sort((a, b) => compare(a, b)),
  }
}

/** An IPv6 address that is neither the wildcard nor mapped is IPv6-only (__inet6_bind, net/ipv6/af_inet6.c). */
function v6onlyOf({ spec, address }: MadeSocket): boolean | null {
  if (spec.family !== 6) return null
  if (address.startsWith('::ffff:')) return false
  return address !== '::' || (spec.v6only ?? false)
}

export function memberOf(made: MadeSocket): Member {
  const tcp = made.spec.protocol === 'tcp'
  const asked = made.spec.state ?? (tcp ? 'listen' : 'bound')
  const state = asked === 'listen' ? 'listening' : asked === 'connected' ? 'connected' : tcp ? 'bound' : 'unconnected'
  return {
    cookie: made.cookie,
    inode: made.inode,
    uid: made.uid,
    user: userName(made.uid),
    state,
    queue:
      state === 'bound'
        ? { length: null, limit: null, unit: 'connections' }
        : { length: 0, limit: tcp ? (made.spec.backlog ?? 128) : made.rcvbuf, unit: tcp ? 'connections' : 'bytes' },
    drops: 0,
    holders: [{ pid: made.pid, fds: [made.fd], command: made.command, startedAt: startOf(made.pid) }],
    pollers: null,
  }
}

/** From /etc/passwd; null if it has no such user. */
export function userName(uid: number): string | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.split(':')[2] === String(uid))
  return line?.split(':')[0] ?? null
}

/** When a process started: boot time (`btime`, seconds) plus field 22 of /proc/PID/stat (hundredths of a second). */
export function startOf(pid: number): string {
  const btime = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1])
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? []
  return new Date(btime * 1000 + Number(fields[19]) * 10).toISOString()
}
