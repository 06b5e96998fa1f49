import { expect, test } from 'vitest'
import type { PortUse } from '../../../../../electron/contract/port.ts'
import { portPage } from '../../../../../electron/fronts/cli/pages/port-page.ts'
import { plainText } from '../../../../../electron/fronts/cli/text.ts'
import { aPortUse, binds, connection } from '../../../../doubles/port.ts'

const namespaces = [
  { inode: 1, name: 'this namespace', self: true },
  { inode: 2, name: 'blue', self: false },
]
const page = (given: Partial<PortUse> = {}, columns = 120) =>
  portPage(aPortUse(given), { namespaces, uid: 0 }, columns).map(plainText)

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

test('what acts before the lookup stands before the sockets, and what is not checked at the end', () => {
  const step = { kind: 'nftables', netns: 1, protocol: 'tcp', family: 'ipv4' } as const
  const inFront: PortUse['inFront'] = [
    { ...step, state: 'redirects', detail: 'nftables (ip nat) redirects it to port 8080.', addresses: ['10.0.0.5'] },
    {
      ...step,
      kind: 'iptables',
      state: 'possible',
      detail: 'It may.',
      addresses: Array.from({ length: 8 }, (_, at) => `10.0.1.${at}`),
    },
    {
      ...step,
      kind: 'sk-lookup',
      state: 'not-allowed',
      detail: 'sk_lookup programs (needs CAP_SYS_ADMIN)',
      addresses: ['::1'],
    },
  ]
  const text = page({ inFront }, 60)
  const start = text.indexOf('In front of the sockets')
  expect(text.slice(start + 1, text.indexOf('', start))).toEqual([
    '! tcp4 10.0.0.5',
    '  nftables (ip nat) redirects it to port 8080.',
    '? tcp4 10.0.1.0, 10.0.1.1, 10.0.1.2, 10.0.1.3, 10.0.1.4,',
    '  10.0.1.5 and 2 more',
    '  It may.',
  ])
  expect(start).toBeLessThan(text.indexOf('Which socket answers'))
  expect(text.slice(text.indexOf('Not checked'))).toEqual([
    'Not checked',
    '  Something is not checked.',
    '  What may decide before the lookup: sk_lookup programs',
    '  (needs CAP_SYS_ADMIN).',
  ])
})

test('in 40 columns every pair of options stays, in one word', () => {
  const text = page({}, 40)
  const at = text.indexOf('Would a bind succeed?') + 1
  expect(text.slice(at, at + 4)).toEqual([
    'BIND TO, AS    PLAIN  ADDR  PORT   BOTH',
    'tcp 0.0.0.0',
    '  root (you)   no     no    joins  joins',
    '  other users  no     no    no     no',
  ])
})

test('in 40 columns the socket that answers stays', () => {
  const text = page({}, 40)
  const start = text.indexOf('Which socket answers') + 1
  expect(text.slice(start, start + 3)).toEqual([
    'A CLIENT OF         REACHES',
    '127.0.0.1           127.0.0.1:80 test',
    '10.0.0.5, any oth…  0.0.0.0:80 nginx ×2…',
  ])
})
