import { expect, test } from 'vitest'
import type { PortBind, PortHolder, PortUse } from '../../../../../electron/contract/port.ts'
import { portPage } from '../../../../../electron/fronts/cli/pages/port-page.ts'
import { plainText } from '../../../../../electron/fronts/cli/text.ts'
import { aFinding } from '../../../../doubles/findings.ts'
import { groupRow } from '../../../../doubles/group-rows.ts'

const namespaces = [
  { inode: 1, name: 'this namespace', self: true },
  { inode: 2, name: 'blue', self: false },
]
const wide = groupRow({ netns: 1, port: 80, receiving: 2 })
const narrow = groupRow({
  netns: 1,
  port: 80,
  address: '127.0.0.1',
  receiving: 1,
  owners: [{ command: 'test', processes: 1, service: null }],
})

const listener: PortHolder = {
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
const connection: PortHolder = {
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
function binds(uid: number | null, joins: boolean, place: Partial<PortBind> = {}): PortBind[] {
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

function aUse(given: Partial<PortUse> = {}): PortUse {
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

const page = (given: Partial<PortUse> = {}, columns = 120) =>
  portPage(aUse(given), { namespaces, uid: 0 }, columns).map(plainText)

test('one screen: who has it, connections, which socket answers, whether a bind would succeed, findings', () => {
  const text = page()
  expect(text.slice(0, 2)).toEqual(['port 80  3 listening, 1 established', '  It is in use.'])
  const section = (title: string) => text.slice(text.indexOf(title) + 1, text.indexOf('', text.indexOf(title)))
  expect(section('Connections')).toEqual([
    'PROTO  STATE        LOCAL         PEER             OWNERS     USER',
    'tcp4   established  127.0.0.1:80  127.0.0.1:40000  nginx 812  root',
  ])
  expect(section('Which socket answers')).toEqual([
    'PROTO  A CLIENT OF               REACHES                                SHADOWS     BECAUSE',
    'tcp4   127.0.0.1                 127.0.0.1:80 test                      0.0.0.0:80  Narrower.',
    'tcp4   10.0.0.5, any other IPv4  0.0.0.0:80 nginx ×2, one of 2 sockets  –           Wildcard.',
  ])
  const question = text.slice(text.indexOf('Would a bind succeed?') + 1, text.indexOf('Findings') - 1)
  expect(question).toEqual([
    'BIND TO, AS    PLAIN          REUSEADDR      REUSEPORT      BOTH',
    'tcp 0.0.0.0',
    '  root (you)   no, nginx 812  no, nginx 812  yes, joins     yes, joins',
    '  other users  no, nginx 812  no, nginx 812  no, nginx 812  no, nginx 812',
    '',
    'REFUSED BY  BOUND TO     STATE      USER  SETS          COOKIE',
    'nginx 812   tcp 0.0.0.0  listening  root  SO_REUSEPORT  17',
    '',
    '  SO_REUSEPORT shares a port among sockets of one user that all set it; SO_REUSEADDR among sockets',
    '  that all set it, but no TCP port with a listener.',
    '  Port 80 is privileged: below 1024, a bind needs root or CAP_NET_BIND_SERVICE.',
  ])
  expect(text.join('\n')).toContain('Something is wrong.')
  expect(text.slice(-2)).toEqual(['Not checked', '  Something is not checked.'])
})

test('a free port is one line per question', () => {
  const free = { succeeds: true, error: null, refusedBy: null, reason: null } as const
  const text = page({
    holders: [],
    states: [],
    groups: [],
    reaches: [],
    findings: [],
    limitations: [],
    ranges: [],
    binds: binds(0, false, free),
  })
  expect(text).toEqual([
    'port 80  free',
    '  It is in use.',
    '',
    'Would a bind succeed?',
    '  Any bind succeeds: tcp 0.0.0.0.',
  ])
})

test('another namespace is shown by its name', () => {
  expect(page().join('\n')).not.toMatch(/NETNS| in this namespace/)
  const there = { holders: [{ ...connection, netns: 2 }], binds: binds(0, false, { netns: 2 }) }
  expect(page(there).join('\n')).toMatch(/established .* blue/)
  expect(page(there).join('\n')).toContain('tcp 0.0.0.0 in blue')
})

test('nothing is wider than the terminal', () => {
  for (const columns of [40, 80, 200]) {
    for (const text of page({}, columns)) expect(text.length, text).toBeLessThanOrEqual(columns)
  }
})
