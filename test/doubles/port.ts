/** What the engine says of a port, for tests: nginx has tcp 80, another program one address of it. */
import type { PortBind, PortHolder, PortUse } from '../../electron/contract/port.ts'
import { aFinding } from './findings.ts'
import { groupRow } from './group-rows.ts'

export const wide = groupRow({ netns: 1, port: 80, receiving: 2 })
export const narrow = groupRow({
  netns: 1,
  port: 80,
  address: '127.0.0.1',
  receiving: 1,
  owners: [{ command: 'test', processes: 1, service: null }],
})

export const listener: PortHolder = {
  netns: 1,
  protocol: 'tcp',
  family: 'ipv4',
  state: 'listening',
  address: '0.0.0.0',
  remote: null,
  cookie: '17',
  user: 'root',
  holders: [{ pid: 812, command: 'nginx' }],
  group: wide.id,
  options: { reuseport: true, reuseaddr: false },
}
export const connection: PortHolder = {
  ...listener,
  state: 'established',
  address: '127.0.0.1',
  remote: { address: '127.0.0.1', port: 40_000 },
  group: null,
}

const OPTIONS = [
  { reuseport: false, reuseaddr: false },
  { reuseport: false, reuseaddr: true },
  { reuseport: true, reuseaddr: false },
  { reuseport: true, reuseaddr: true },
]
/** The binds of one user with each pair of options. `joins`: it may join with SO_REUSEPORT. */
export function binds(uid: number | null, joins: boolean, place: Partial<PortBind> = {}): PortBind[] {
  return OPTIONS.map((options) => ({
    netns: 1,
    protocol: 'tcp',
    family: 'ipv4',
    address: '0.0.0.0',
    v6only: false,
    uid,
    user: uid === 0 ? 'root' : null,
    options,
    unknownBecause: null,
    ...(joins && options.reuseport
      ? { succeeds: true, error: null, refusedBy: null, joins: wide.id, reason: null }
      : { succeeds: false, error: 'EADDRINUSE', refusedBy: listener, joins: null, reason: 'nginx (pid 812) has it.' }),
    ...place,
  }))
}

/** Port 80; `given` overrides. */
export function aPortUse(given: Partial<PortUse> = {}): PortUse {
  const reach = {
    netns: 1,
    protocol: 'tcp',
    family: 'ipv4',
    steeredBy: 'hash',
    among: 2,
    shadowed: [] as string[],
  } as const
  return {
    port: 80,
    holders: [listener, connection],
    omitted: 0,
    states: [
      { netns: 1, protocol: 'tcp', state: 'listening', sockets: 3 },
      { netns: 1, protocol: 'tcp', state: 'established', sockets: 1 },
    ],
    groups: [wide, narrow],
    inFront: [],
    reaches: [
      {
        ...reach,
        address: '127.0.0.1',
        interface: 'lo',
        group: narrow.id,
        among: 1,
        steeredBy: 'single',
        reason: 'Narrower.',
        shadowed: [wide.id],
      },
      { ...reach, address: '10.0.0.5', interface: 'eth0', group: wide.id, reason: 'Wildcard.' },
      { ...reach, address: null, interface: null, group: wide.id, reason: 'Wildcard.' },
    ],
    binds: [...binds(0, true), ...binds(null, false)],
    ranges: [
      {
        netns: 1,
        privileged: true,
        ephemeral: false,
        reserved: false,
        unprivilegedFrom: 1024,
        ephemeralRange: [32_768, 60_999],
      },
    ],
    findings: [aFinding({ severity: 'warning', summary: 'Something is wrong.' }, wide)],
    summary: 'It is in use.',
    limitations: ['Something is not checked.'],
    ...given,
  }
}
