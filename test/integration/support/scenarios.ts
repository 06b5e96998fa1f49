/**
 * Sockets of every kind and the groups that they form by the kernel's own rule: shared by the tests on this kernel
 * (grouping.test.ts) and on others (test/kernels). Every scenario has its own ports, so all can share one namespace.
 */
import { addInterface, type TestNamespace } from './namespace.ts'
import type { MadeSocket, MakerOptions, SocketMaker, SocketSpec } from './socket-maker.ts'
import { groupOf, type PlainGroup, startOf } from './truth.ts'

export type Stage = {
  readonly namespace: TestNamespace
  /** Opens sockets in the namespace, as the scenario's user. */
  readonly maker: SocketMaker
  /** Another maker in the namespace, which ends with the scenario. */
  startMaker(options: Omit<MakerOptions, 'netns'>): Promise<SocketMaker>
}

export type Scenario = {
  readonly name: string
  /** It has sockets of several users: only root can open and read them. */
  readonly severalUsers?: true
  /** Opens the sockets; returns every group that must be found on the scenario's ports. */
  make(stage: Stage): Promise<PlainGroup[]>
}

const tcp = (more: Partial<SocketSpec> = {}): SocketSpec => ({ protocol: 'tcp', options: ['reuseport'], ...more })
const udp = (more: Partial<SocketSpec> = {}): SocketSpec => ({ protocol: 'udp', options: ['reuseport'], ...more })

/** The effect of a fork: more processes hold the same descriptor. */
function inheritedBy(made: MadeSocket, pids: number[]) {
  const [truth] = groupOf(0, 'inherited', 'none', [made]).members
  const own = truth?.holders?.[0]
  if (!own) throw new Error('a made socket has a holder')
  const holders = [own, ...pids.map((pid) => ({ ...own, pid, startedAt: startOf(pid) }))]
  return { members: [{ holders: holders.sort((a, b) => a.pid - b.pid) }] }
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'TCP over IPv4: listeners of one address and port are one group, with certainty',
    make: async ({ maker, namespace }) => {
      const made = await maker.open(tcp({ address: '127.0.0.1', port: 5020, count: 5, backlog: 7 }))
      return [groupOf(namespace.inode, 'reuseport', 'co-listening', made)]
    },
  },
  {
    name: 'TCP over IPv6: the same',
    make: async ({ maker, namespace }) => {
      const made = await maker.open(tcp({ family: 6, address: '::1', port: 5021, count: 3 }))
      return [groupOf(namespace.inode, 'reuseport', 'co-listening', made)]
    },
  },
  {
    name: 'UDP over IPv4 and IPv6: the option determines the sharing',
    make: async ({ maker, namespace }) => {
      const four = await maker.open(udp({ address: '127.0.0.1', port: 5022, count: 4 }))
      const six = await maker.open(udp({ family: 6, address: '::1', port: 5023, count: 2, rcvbuf: 40_000 }))
      return [
        groupOf(namespace.inode, 'reuseport', 'socket-option', four),
        groupOf(namespace.inode, 'reuseport', 'socket-option', six),
      ]
    },
  },
  {
    name: 'dual-stack and IPv6-only wildcards, and the wildcard of IPv4, are three groups on one port',
    make: async ({ maker, namespace }) => {
      const only = await maker.open(tcp({ family: 6, address: '::', v6only: true, port: 5001, count: 2 }))
      const four = await maker.open(tcp({ address: '0.0.0.0', port: 5001, count: 2 }))
      const dual = await maker.open(tcp({ family: 6, address: '::', v6only: false, port: 5001, count: 2 }))
      return [only, four, dual].map((made) => groupOf(namespace.inode, 'reuseport', 'co-listening', made))
    },
  },
  {
    name: 'UDP: dual-stack and IPv6-only on one port',
    make: async ({ maker, namespace }) => {
      const only = await maker.open(udp({ family: 6, address: '::', v6only: true, port: 5002, count: 2 }))
      const dual = await maker.open(udp({ family: 6, address: '::', v6only: false, port: 5002, count: 2 }))
      return [only, dual].map((made) => groupOf(namespace.inode, 'reuseport', 'socket-option', made))
    },
  },
  {
    name: 'an IPv4-mapped IPv6 address is another family than the IPv4 address',
    make: async ({ maker, namespace }) => {
      const mapped = await maker.open(tcp({ family: 6, address: '::ffff:127.0.0.1', port: 5003, count: 2 }))
      const plain = await maker.open(tcp({ address: '127.0.0.1', port: 5003, count: 2 }))
      const mappedUdp = await maker.open(udp({ family: 6, address: '::ffff:127.0.0.1', port: 5003, count: 2 }))
      const plainUdp = await maker.open(udp({ address: '127.0.0.1', port: 5003, count: 2 }))
      return [
        ...[mapped, plain].map((made) => groupOf(namespace.inode, 'reuseport', 'co-listening', made)),
        ...[mappedUdp, plainUdp].map((made) => groupOf(namespace.inode, 'reuseport', 'socket-option', made)),
      ]
    },
  },
  {
    name: 'the wildcard and each specific address are separate groups',
    make: async ({ maker, namespace }) => {
      const groups: MadeSocket[][] = []
      for (const address of ['0.0.0.0', '127.0.0.1', '127.0.0.2'])
        groups.push(await maker.open(tcp({ address, port: 5004, count: 3 })))
      return groups.map((made) => groupOf(namespace.inode, 'reuseport', 'co-listening', made))
    },
  },
  {
    name: 'neighboring ports and the two protocols do not mix',
    make: async ({ maker, namespace }) => {
      const one = await maker.open(tcp({ address: '127.0.0.1', port: 5005, count: 2 }))
      const two = await maker.open(tcp({ address: '127.0.0.1', port: 5006, count: 2 }))
      const other = await maker.open(udp({ address: '127.0.0.1', port: 5005, count: 2 }))
      return [
        groupOf(namespace.inode, 'reuseport', 'co-listening', one),
        groupOf(namespace.inode, 'reuseport', 'co-listening', two),
        groupOf(namespace.inode, 'reuseport', 'socket-option', other),
      ]
    },
  },
  {
    name: 'a bound interface separates groups, and is named',
    make: async ({ maker, namespace }) => {
      await addInterface(namespace, 'left')
      await addInterface(namespace, 'right')
      const groups: MadeSocket[][] = []
      for (const device of ['left', 'right', 'lo'])
        groups.push(await maker.open(tcp({ address: '0.0.0.0', port: 5007, interface: device, count: 2 })))
      const free = await maker.open(udp({ address: '0.0.0.0', port: 5007, count: 2 }))
      const bound = await maker.open(udp({ address: '0.0.0.0', port: 5007, interface: 'left', count: 2 }))
      return [
        ...groups.map((made) => groupOf(namespace.inode, 'reuseport', 'co-listening', made)),
        groupOf(namespace.inode, 'reuseport', 'socket-option', free),
        groupOf(namespace.inode, 'reuseport', 'socket-option', bound),
      ]
    },
  },
  {
    name: 'unshared sockets share with no other socket',
    make: async ({ maker, namespace }) => {
      const listener = await maker.open({ protocol: 'tcp', address: '127.0.0.1', port: 5024 })
      const receiver = await maker.open({ protocol: 'udp', address: '127.0.0.1', port: 5025 })
      const again = await maker.open({ protocol: 'tcp', address: '127.0.0.1', port: 5026, options: ['reuseaddr'] })
      return [listener, receiver, again].map((made) => groupOf(namespace.inode, 'none', 'none', made))
    },
  },
  {
    name: 'a group of one is a group, because of its option',
    make: async ({ maker, namespace }) => {
      const listener = await maker.open(tcp({ address: '127.0.0.1', port: 5027 }))
      const receiver = await maker.open(udp({ address: '127.0.0.1', port: 5028 }))
      return [listener, receiver].map((made) => groupOf(namespace.inode, 'reuseport', 'socket-option', made))
    },
  },
  {
    name: 'UDP with SO_REUSEADDR alone shares in another way',
    make: async ({ maker, namespace }) => {
      const made = await maker.open(udp({ address: '127.0.0.1', port: 5029, options: ['reuseaddr'], count: 3 }))
      return [groupOf(namespace.inode, 'reuseaddr', 'socket-option', made)]
    },
  },
  {
    name: 'both options, in either order, share by SO_REUSEPORT',
    make: async ({ maker, namespace }) => {
      const one = await maker.open(
        udp({ address: '127.0.0.1', port: 5030, options: ['reuseaddr', 'reuseport'], count: 3 }),
      )
      const two = await maker.open(
        udp({ address: '127.0.0.1', port: 5031, options: ['reuseport', 'reuseaddr'], count: 3 }),
      )
      const three = await maker.open(
        tcp({ address: '127.0.0.1', port: 5032, options: ['reuseaddr', 'reuseport'], count: 3 }),
      )
      return [
        groupOf(namespace.inode, 'reuseport', 'socket-option', one),
        groupOf(namespace.inode, 'reuseport', 'socket-option', two),
        groupOf(namespace.inode, 'reuseport', 'co-listening', three),
      ]
    },
  },
  {
    name: 'TCP: clearing the flag after listen(2) removes no member from the group',
    make: async ({ maker, namespace }) => {
      const made = await maker.open(
        tcp({ address: '127.0.0.1', port: 5033, count: 2 }),
        tcp({ address: '127.0.0.1', port: 5033, clear: ['reuseport'] }),
      )
      return [groupOf(namespace.inode, 'reuseport', 'co-listening', made)]
    },
  },
  {
    name: 'a TCP socket that is bound but not listening is a member that receives nothing',
    make: async ({ maker, namespace }) => {
      const made = await maker.open(
        tcp({ address: '127.0.0.1', port: 5034, count: 2 }),
        tcp({ address: '127.0.0.1', port: 5034, state: 'bound' }),
      )
      const lone = await maker.open({ protocol: 'tcp', address: '127.0.0.1', port: 5035, state: 'bound' })
      const six = await maker.open({ protocol: 'tcp', family: 6, address: '::1', port: 5036, state: 'bound' })
      return [
        groupOf(namespace.inode, 'reuseport', 'co-listening', made),
        groupOf(namespace.inode, 'none', 'none', lone),
        groupOf(namespace.inode, 'none', 'none', six),
      ]
    },
  },
  {
    name: 'a connected UDP socket is shown as connected, and its buffer is not part of the capacity of the group',
    make: async ({ maker, namespace }) => {
      const made = await maker.open(
        udp({ address: '127.0.0.1', port: 5037, count: 2 }),
        udp({ address: '127.0.0.1', port: 5037, state: 'connected', remote: ['127.0.0.1', 9] }),
      )
      return [groupOf(namespace.inode, 'reuseport', 'socket-option', made)]
    },
  },
  {
    name: 'a socket that forked processes inherited is one queue, not a group',
    make: async ({ maker, namespace }) => {
      const [listener] = await maker.open({ protocol: 'tcp', address: '127.0.0.1', port: 5038 })
      if (!listener) throw new Error('no socket was made')
      const pids = await maker.fork({ count: 3, keep: [listener] })
      return [groupOf(namespace.inode, 'inherited', 'none', [listener], inheritedBy(listener, pids))]
    },
  },
  {
    name: 'members that forked processes inherited stay a group with one queue each',
    make: async ({ maker, namespace }) => {
      const made = await maker.open(tcp({ address: '127.0.0.1', port: 5039, count: 3 }))
      const pids = await maker.fork({ count: 2, keep: made })
      return [
        groupOf(namespace.inode, 'reuseport', 'co-listening', made, {
          members: made.map((one) => inheritedBy(one, pids).members[0] ?? {}),
        }),
      ]
    },
  },

  {
    name: 'hundreds of members are one group',
    make: async ({ maker, namespace }) => {
      const four = await maker.open(tcp({ address: '127.0.0.1', port: 5050, count: 300 }))
      const six = await maker.open(udp({ family: 6, address: '::1', port: 5050, count: 300 }))
      return [
        groupOf(namespace.inode, 'reuseport', 'co-listening', four),
        groupOf(namespace.inode, 'reuseport', 'socket-option', six),
      ]
    },
  },
  {
    name: 'a socket of another user that joined by SO_REUSEADDR is listed beside the group, with its own user',
    severalUsers: true,
    make: async ({ namespace, startMaker }) => {
      const first = await startMaker({ uid: 33, command: 'owner' })
      const second = await startMaker({ uid: 65534, command: 'guest' })
      const both = udp({ address: '127.0.0.1', port: 5009, options: ['reuseaddr', 'reuseport'] })
      const owners = await first.open({ ...both, count: 2 })
      const guest = await second.open({ ...both, options: ['reuseaddr'] })
      return [
        groupOf(namespace.inode, 'reuseport', 'socket-option', owners),
        groupOf(namespace.inode, 'none', 'none', guest),
      ]
    },
  },
  {
    name: 'sharing by SO_REUSEADDR alone ignores users: the group has no common user',
    severalUsers: true,
    make: async ({ namespace, startMaker }) => {
      const first = await startMaker({ uid: 33 })
      const second = await startMaker({ uid: 65534 })
      const spec = udp({ address: '127.0.0.1', port: 5012, options: ['reuseaddr'] })
      const made = [...(await first.open(spec)), ...(await second.open(spec))]
      return [groupOf(namespace.inode, 'reuseaddr', 'socket-option', made, { uid: null, user: null })]
    },
  },
  {
    name: 'users of TCP groups are distinguished by their own ports',
    severalUsers: true,
    make: async ({ namespace, startMaker }) => {
      const first = await startMaker({ uid: 33 })
      const second = await startMaker({ uid: 65534 })
      const one = await first.open(tcp({ address: '127.0.0.1', port: 5010, count: 2 }))
      const two = await second.open(tcp({ address: '127.0.0.1', port: 5011, count: 2 }))
      return [one, two].map((made) => groupOf(namespace.inode, 'reuseport', 'co-listening', made))
    },
  },
]
