/** One port. */
import type { PortUse } from '../../../electron/contract/port.ts'
import type { EngineDouble } from '../../doubles/engine.ts'
import { hostileNames } from '../../doubles/hostile-names.ts'
import { exampleMachine } from '../../doubles/machine.ts'
import { aPortUse, binds, listener, narrow, wide } from '../../doubles/port.ts'
import { type Entry, screen } from '../entry.tsx'

const route = { screen: 'port', port: 80 } as const

function portMachine(use: EngineDouble['portUse']) {
  const engine = exampleMachine()
  engine.namespaces = [
    { inode: 1, name: 'host', self: true },
    { inode: 2, name: 'cni-7c1e02b4', self: false },
  ]
  engine.portUse = use
  return engine
}

const nothing = aPortUse({
  holders: [],
  states: [],
  groups: [],
  reaches: [],
  findings: [],
  limitations: [],
  summary: 'Nothing uses port 80.',
  binds: binds(0, true, { succeeds: true, error: null, refusedBy: null, joins: null, reason: null }),
})

const step = { kind: 'nftables', netns: 1, protocol: 'tcp', family: 'ipv4' } as const
const inFront = [
  {
    ...step,
    state: 'redirects',
    detail: 'nftables (table ip nat, chain prerouting) redirects it to port 8080 before the lookup.',
    addresses: ['10.0.0.5', '192.0.2.17'],
  },
  {
    ...step,
    kind: 'sk-lookup',
    state: 'possible',
    detail: 'An sk_lookup program is attached here: it may pick another socket. The kernel lookup ran it.',
    addresses: ['127.0.0.1', '10.0.0.5', '192.0.2.17'],
  },
  {
    ...step,
    kind: 'iptables',
    state: 'not-allowed',
    detail: 'iptables rules (needs root)',
    addresses: ['127.0.0.1'],
  },
] as const satisfies PortUse['inFront']

export const port: readonly Entry[] = [
  screen('port/ordinary', 'Would a bind succeed?', () => ({ route, engine: portMachine(aPortUse()) })),
  screen('port/redirected', 'In front of the sockets', () => ({
    route,
    engine: portMachine(aPortUse({ inFront })),
  })),
  screen('port/two namespaces', 'It shadows', () => ({
    route,
    engine: portMachine(aPortUse({ groups: [wide, narrow, { ...wide, id: '00000000000000b0', netns: 2 }] })),
  })),
  screen('port/asks', 'Which port?', () => ({ route: { screen: 'port' }, engine: portMachine(null) })),
  screen('port/free', 'Any bind succeeds', () => ({ route, engine: portMachine(nothing) })),
  screen('port/loading', 'Finding who uses port 80', () => ({ route, engine: portMachine('nothing yet') })),
  screen('port/error', 'Could not find who uses port 80', () => ({ route, engine: portMachine(null) })),
  screen('port/stale', 'has not answered since', () => ({
    route,
    engine: portMachine(aPortUse()),
    loaded: 'Would a bind succeed?',
    act: (_, engine) => engine.cut(),
  })),
  screen('port/hostile', '<script>window.ran=1</script>', () => ({
    route,
    engine: portMachine(
      aPortUse({
        groups: hostileNames.map((name, at) => ({
          ...wide,
          id: `0000000000000${(0x100 + at).toString(16)}`,
          user: name,
          owners: [{ command: name, processes: 1, service: null }],
        })),
        binds: hostileNames.flatMap((name, at) =>
          binds(1000 + at, false, {
            user: name,
            reason: name,
            refusedBy: { ...listener, user: name, holders: [{ pid: 1, command: name }] },
          }),
        ),
        summary: hostileNames.join(' '),
        limitations: [...hostileNames],
        inFront: hostileNames.map((name) => ({ ...inFront[0], detail: name, addresses: [name] })),
      }),
    ),
  })),
]
