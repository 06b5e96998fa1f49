import { expect, test } from 'vitest'
import type { KernelGroup, SteeringProgram } from '../../../../../electron/contract/kernel-group.ts'
import type { Process } from '../../../../../electron/contract/live.ts'
import { groupPage } from '../../../../../electron/fronts/cli/pages/group-page.ts'
import { plainText } from '../../../../../electron/fronts/cli/text.ts'
import { aGroup, aMember, aSnapshot, takenAt } from '../../../../doubles/snapshots.ts'
import { extended, returning } from '../../../../doubles/steering-programs.ts'

const page = (group = aGroup(), columns = 100, owners = true, processes: Process[] = []) =>
  groupPage(group, aSnapshot({ groups: [group] }), processes, { owners }, { width: columns }).map(plainText)

test('one group: its key, how it shares the port, the evidence, its members, and what is unknown', () => {
  const group = aGroup({
    members: [
      aMember({ queue: { length: 512, limit: 511, unit: 'connections' }, drops: 1482 }),
      aMember({ cookie: '4098', inode: 31338, pollers: [] }),
    ],
    drops: 1482,
  })
  expect(page(group)).toEqual([
    'tcp4 0.0.0.0:443  2 members',
    '',
    'Id            3fa9c1d200000001',
    'Sharing       reuseport',
    '              Each member has its own queue, and the kernel picks a member for every client.',
    'Evidence      co-listening',
    '              Two TCP listeners with the same key cannot exist otherwise.',
    'User          root (uid 0)',
    'Namespace     host (inode 4026531840)',
    'Drops         1,482',
    '',
    'MEMBER  COOKIE  OWNERS          POLLED BY     QUEUE  LIMIT  UNIT   DROPS  INODE',
    '     1    4097  nginx 812 fd 6  nginx 812       512    511  conns  1,482  31337',
    '     2    4098  nginx 812 fd 6  none (epoll)      0    511  conns      0  31338',
    '',
    'Unknown',
    "  The kernel's own group, and whether a BPF program selects the member instead of the hash: no",
    '  process that the BPF reader sees holds a member.',
  ])
})

test('no line of a finding is wider than the terminal', () => {
  const summary = 'Members 1 and 2 of 2 at tcp 0.0.0.0:443 are full: up to 4 connections queued (limit 3).'
  const finding = { code: 'queue-overflowing', severity: 'warning' as const, members: [], evidence: [], mentions: [] }
  const found = { ...finding, group: aGroup().id, summary, explanation: summary, advice: summary }
  const snapshot = aSnapshot({ groups: [aGroup()], findings: [found] })
  const text = groupPage(aGroup(), snapshot, [], { owners: true }, { width: 60 }).map(plainText)
  expect(text).toContain('warning: Members 1 and 2 of 2 at tcp 0.0.0.0:443 are full:')
  for (const one of text) expect(one.length).toBeLessThanOrEqual(60)
})

test.each(['reuseport', 'reuseaddr'] as const)('members at a multicast address get a copy each (%s)', (sharing) => {
  const members = [aMember(), aMember({ cookie: '4098', inode: 31338 })]
  const text = page(aGroup({ protocol: 'udp', address: '224.0.0.251', sharing, members })).join('\n')
  expect(text).toMatch(/gets a copy of every datagram for this address/)
  expect(text).not.toMatch(/picks a member|the newest/)
})

const kernelGroup: KernelGroup = {
  id: 17,
  members: ['4098', '4097'],
  halfOpen: [0, 12],
  closed: [],
  maxSocks: 128,
  bindInany: true,
  hasConns: false,
  program: null,
}

test("the kernel's own group: places in socks[], half-open requests, and no program", () => {
  expect(page(aGroup({ kernelGroups: [kernelGroup] })).slice(9)).toEqual([
    'Kernel group  2 members; room for 128 in socks[], at most 32,768',
    '              bound to a wildcard address (bind_inany)',
    'Program       none: the hash picks the member',
    'Drops         0',
    '',
    'MEMBER  COOKIE  SLOT  HALF-OPEN  OWNERS          POLLED BY  QUEUE  LIMIT  UNIT   DROPS  INODE',
    '     1    4097     1         12  nginx 812 fd 6  nginx 812      0    511  conns      0  31337',
    '     2    4098     0          0  nginx 812 fd 6  nginx 812      0    511  conns      0  31338',
  ])
})

test('several kernel groups with one key, one of them with a classic program', () => {
  const program = { kind: 'classic' as const, instructions: [{ code: 0x20, jt: 0, jf: 0, k: 0xfffff024 }] }
  const kernelGroups = [
    { ...kernelGroup, members: ['4097'], halfOpen: [0], bindInany: false },
    {
      ...kernelGroup,
      id: 4,
      members: ['4098'],
      halfOpen: [0],
      closed: ['9'],
      bindInany: false,
      hasConns: true,
      program,
    },
  ]
  const text = page(aGroup({ kernelGroups }), 120)
  expect(text.slice(9, 17)).toEqual([
    'Kernel group  number 17, one of several: 1 member; room for 128 in socks[], at most 32,768',
    'Program       none',
    'Kernel group  number 4, one of several: 1 member; room for 128 in socks[], at most 32,768',
    '              1 listener in the closed section',
    '              a member has been connected (has_conns): the lookup also compares remote addresses',
    'Program       classic, 1 instruction',
    '              0: ld cpu',
    'Drops         0',
  ])
  expect(text.at(-1)).toMatch(/ 4098 +4:0 /)
})

test('an extended program: what stands under which key, and which member under none', () => {
  const program: SteeringProgram = {
    kind: 'extended',
    id: 96,
    name: 'pick',
    tag: '67ff4b721465ed31',
    type: 21,
    loadedAt: '2026-11-30T05:02:32.976Z',
    mapCount: 10,
    maps: [
      {
        id: 53,
        name: 'socks',
        type: 20,
        maxEntries: 6,
        places: [
          { key: 0, cookie: '4098' },
          { key: 3, cookie: '77' },
        ],
      },
      { id: 54, name: '', type: 2, maxEntries: 1, places: null },
    ],
  }
  const text = page(aGroup({ kernelGroups: [{ ...kernelGroup, bindInany: false, program }] }))
  expect(text.slice(10, 15)).toEqual([
    'Program       pick (sk_reuseport, id 96, tag 67ff4b721465ed31), loaded 2026-11-30T05:02:32.976Z',
    '              map socks (id 53, 6 keys): 0 → member 2, 3 → socket 77',
    '              1 member of 2 under no key',
    '              map without a name (id 54, 1 key)',
    '              and 8 more maps',
  ])
})

test('where no result of its program is a member, the hash picks, and equal shares are expected', () => {
  const rates = { perSecond: 0, acceptedPerSecond: null, meanWaitMs: null }
  const given = { count: 200, sample: 200, sampleSince: takenAt, ...rates }
  const members = ['4097', '4098'].map((cookie) => aMember({ cookie, given: { count: 100, sample: 100, ...rates } }))
  const textOf = (program: SteeringProgram) =>
    page(aGroup({ members, given, kernelGroups: [{ ...kernelGroup, program }] }), 160).join('\n')
  const text = (place: number) => textOf(returning(place))
  expect(text(2)).toMatch(/0: ret #2\n +No result of it is a member, so the hash picks\.\n/)
  expect(text(2)).toMatch(/ 100 +50\.0% +50\.0% /)
  expect(text(1)).not.toMatch(/hash picks/)
  expect(textOf(extended('9'))).toMatch(/so the hash picks for every client that it does not drop\.\n/)
  expect(text(1)).toMatch(/ 100 +50\.0% +– /)
})

test('what is unknown is shown with its reason, and never as 0', () => {
  const group = aGroup({
    protocol: 'udp',
    sharing: 'unknown',
    evidence: 'none',
    drops: null,
    members: [
      aMember({
        state: 'unconnected',
        holders: null,
        pollers: null,
        drops: null,
        queue: { length: null, limit: null, unit: 'bytes' },
      }),
    ],
  })
  const text = page(group).join('\n')
  expect(text).toMatch(/Evidence {6}–/)
  expect(text).toMatch(/4097 {2}unknown {2}unknown {4}unknown {2}unknown {2}B {5}unknown/)
  expect(text).toMatch(/How they share the port: the socket options are not readable/)
  expect(text).toMatch(/Owners of its socket: no process with readable descriptors holds them/)
  expect(text).toMatch(/Root, or the user who runs it, can read more\./)
})

test('without owners the columns are gone, and the page says why', () => {
  const text = page(aGroup(), 100, false).join('\n')
  expect(text).not.toMatch(/OWNERS|POLLED BY/)
  expect(text).toMatch(/not read, because of --no-owners/)
})

test('members of several users and states have columns for that', () => {
  const group = aGroup({
    uid: null,
    user: null,
    members: [aMember(), aMember({ cookie: '9', state: 'connected', uid: 2001, user: null })],
  })
  const text = page(group).join('\n')
  expect(text).toMatch(/COOKIE {2}STATE .*USER/)
  expect(text).toMatch(/9 {2}connected .*uid 2001/)
  expect(text).toMatch(/1 member, 1 connected$/m)
})

test('drops of a listener and of a UDP socket are unknown for different reasons', () => {
  const text = (protocol: 'tcp' | 'udp') =>
    page(aGroup({ protocol, members: [aMember({ drops: null })], drops: null })).join(' ')
  expect(text('tcp')).toMatch(
    /Drops of its socket: .*TCP_DEFER_ACCEPT .*this +socket has that option, or it could not be read/,
  )
  expect(text('udp')).toMatch(/Drops of its socket: this kernel does not report them/)
})

test('the processes that hold its members, with unknowns shown as such, and names escaped', () => {
  const nginx: Process = {
    pid: 812,
    command: 'nginx',
    commandLine: ['nginx: worker', '\x1b[31mred'],
    executable: '/usr/sbin/nginx',
    startedAt: '2026-01-02T03:04:05.670Z',
    uid: 33,
    user: 'www-data',
    cgroup: '/system.slice/nginx.service',
    unit: 'nginx.service',
    container: null,
  }
  const hidden: Process = { ...nginx, pid: 813, commandLine: null, executable: null, startedAt: null, unit: null }
  const lines = page(aGroup(), 140, true, [nginx, hidden])
  const at = lines.findIndex((text) => text.includes('EXECUTABLE'))
  expect(lines[at + 1]).toMatch(
    /^812 {2}nginx +www-data +2026-01-02 03:04:05Z +nginx.service +\/usr\/sbin\/nginx +nginx: worker/,
  )
  expect(lines[at + 1]).not.toContain('\x1b')
  expect(lines[at + 2]).toMatch(/^813 {2}nginx +www-data +unknown +– +unknown +unknown/)
})

test('sockets that only hold a port are shown as such, with a dash for what does not apply', () => {
  const text = (state: 'bound' | 'connected') =>
    page(
      aGroup({
        sharing: 'none',
        evidence: 'none',
        drops: null,
        members: [aMember({ state }), aMember({ cookie: '9', state })],
      }),
    ).join('\n')
  expect(text('bound')).toMatch(/^tcp4 0\.0\.0\.0:443 {2}2 bound sockets$/m)
  expect(text('bound')).toContain('Bound, but not listening: it accepts no clients.')
  expect(text('bound')).toMatch(/^Drops +–$/m)
  expect(text('bound')).toMatch(/4097 {2}bound /)
  expect(text('connected')).toContain('Connected: it receives from its peer only.')
})

test('a single socket whose options are not readable is unshared as far as this user can see', () => {
  const lone = (holders: null | undefined) =>
    aGroup({ sharing: 'none', members: [aMember({ ...(holders === null && { holders }) })] })
  expect(page(lone(undefined)).join('\n')).toContain('it is in no group')
  expect(page(lone(null)).join('\n')).toContain('as far as this user can see')
})

test('recent clients: what was sampled, and which member each went to', () => {
  const flow = (port: number, cookie: string) => ({
    at: '2026-11-30T14:40:03.000Z',
    address: '198.51.100.23',
    port,
    cookie,
    sampled: port - 40_000,
  })
  const group = aGroup({
    kernelGroups: [kernelGroup],
    recentFlows: {
      since: '2026-11-30T14:40:02.000Z',
      given: 3,
      sampled: 3,
      flows: [flow(40_001, '4097'), flow(40_002, '5000')],
    },
  })
  const clock = (at: string) => new Date(at).toLocaleTimeString('en-GB')
  const last = clock('2026-11-30T14:40:03.000Z')
  expect(page(group).slice(18)).toEqual([
    'Recent clients',
    `Each of 3 connections given since ${clock('2026-11-30T14:40:02.000Z')}.`,
    '',
    'CLIENT               MEMBER  SLOT  COOKIE  OWNERS              LAST  SAMPLED',
    `198.51.100.23:40001       1     1    4097  nginx 812 fd 6  ${last}        1`,
    `198.51.100.23:40002  closed     –    5000  –               ${last}        2`,
  ])
})

test('a share is expected only where the hash decides', () => {
  const given = { count: 10, sample: 10, perSecond: 1, acceptedPerSecond: null, meanWaitMs: null }
  const columns = (change: Parameters<typeof aGroup>[0]) => {
    const members = [aMember({ given }), aMember({ cookie: '4098', inode: 31338, given })]
    return (
      page(
        aGroup({
          protocol: 'udp',
          given: { ...given, count: 20, sample: 20, sampleSince: '2026-11-30T14:40:02.000Z' },
          members,
          ...change,
        }),
        200,
      ).find((text) => text.startsWith('     1 ')) ?? ''
    )
  }
  expect(columns({})).toMatch(/50\.0% +50\.0% /)
  for (const change of [{ address: '224.0.0.251' }, { sharing: 'reuseaddr' as const }])
    expect(columns(change)).toMatch(/50\.0% +– /)
})
