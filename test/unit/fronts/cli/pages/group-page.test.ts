import { expect, test } from 'vitest'
import type { Process } from '../../../../../electron/contract/live.ts'
import { groupPage } from '../../../../../electron/fronts/cli/pages/group-page.ts'
import { plainText } from '../../../../../electron/fronts/cli/text.ts'
import { aGroup, aMember, aSnapshot } from '../../../../doubles/snapshots.ts'

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
    '  Whether a BPF program selects the member instead of the hash: the kernel does not expose that.',
  ])
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
