import { describe, expect, test } from 'vitest'
import { groupsPage } from '../../../../../electron/fronts/cli/pages/groups-page.ts'
import { toGroupList } from '../../../../../electron/fronts/cli/summary.ts'
import { plainText } from '../../../../../electron/fronts/cli/text.ts'
import { width } from '../../../../../electron/fronts/cli/width.ts'
import { aGroup, aMember, aSnapshot } from '../../../../doubles/snapshots.ts'

const https = aGroup({
  members: [
    aMember({ queue: { length: 512, limit: 511, unit: 'connections' } }),
    aMember({ cookie: '2', holders: [{ pid: 813, fds: [6], command: 'nginx', startedAt: null }] }),
  ],
  drops: 38,
})
const dns = aGroup({
  id: '00000000deadbeef',
  protocol: 'udp',
  family: 'ipv6',
  address: '::1',
  interface: 'lo',
  port: 53,
  uid: null,
  user: null,
  sharing: 'unknown',
  evidence: 'none',
  members: [
    aMember({
      state: 'unconnected',
      holders: null,
      drops: null,
      queue: { length: 4300, limit: 212992, unit: 'bytes' },
    }),
    aMember({ state: 'connected', holders: null, drops: null, queue: { length: 0, limit: 212992, unit: 'bytes' } }),
  ],
  queue: { length: 4300, limit: 212992, unit: 'bytes' },
  drops: null,
})
const snapshot = aSnapshot({ groups: [https, dns] })
const page = (given: { width?: number; owners?: boolean; interactive?: boolean } = {}, of = snapshot) =>
  groupsPage(
    toGroupList(of),
    { owners: given.owners ?? true },
    { width: given.width ?? Number.POSITIVE_INFINITY, interactive: given.interactive ?? false },
  ).map(plainText)

test('a row shows the group, the evidence, and the fullest queue', () => {
  expect(page()).toEqual([
    'PROTO  ENDPOINT     MEMBERS  NOT RECEIVING  OWNERS    USER     SHARING    EVIDENCE      FULLEST  LIMIT  UNIT     DROPS  ID',
    'udp6   [::1%lo]:53        1  1 connected    unknown   several  unknown    –                 4.2    208  KiB    unknown  00000000',
    'tcp4   0.0.0.0:443        2                 nginx ×2  root     reuseport  co-listening      512    511  conns       38  3fa9c1d2',
  ])
})

test('owners that were not requested are left out, not unknown', () => {
  expect(page({ owners: false }).join('\n')).not.toMatch(/OWNERS|nginx/)
})

test.each([40, 60, 80, 100])('fits %i columns and keeps endpoint and members', (columns) => {
  const lines = page({ width: columns })
  for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns)
  expect(lines[2]).toContain('0.0.0.0:443')
  expect(lines[0]).toContain('MEMBERS')
})

describe('on a terminal', () => {
  test('a summary follows, with findings and what is hidden', () => {
    const finding = {
      code: 'queue-overflowing',
      severity: 'critical' as const,
      group: https.id,
      members: [],
      summary: 'A member of tcp 0.0.0.0:443 is full.',
      evidence: [],
      explanation: '',
      advice: '',
      mentions: [],
    }
    const lesser = { ...finding, severity: 'warning' as const, summary: 'Something of tcp 0.0.0.0:443 is odd.' }
    const lines = page({ interactive: true }, { ...snapshot, findings: [lesser, finding] })
    expect(lines.slice(3)).toEqual([
      '',
      'critical  A member of tcp 0.0.0.0:443 is full.',
      'warning   Something of tcp 0.0.0.0:443 is odd.',
      '',
      '4 sockets in 2 groups, read in 4 ms.',
      'Owners of 2 sockets are hidden. `reuseport-inspector doctor` shows why.',
    ])
  })

  test('a finding longer than the line is wrapped', () => {
    const finding = {
      code: 'group-shadowed',
      severity: 'info' as const,
      group: https.id,
      members: [],
      summary: 'Clients of 127.0.0.1 do not reach tcp 0.0.0.0:443: tcp 127.0.0.1:443 is more specific.',
      evidence: [],
      explanation: '',
      advice: '',
      mentions: [],
    }
    const lines = page({ interactive: true, width: 60 }, { ...snapshot, findings: [finding] })
    for (const line of lines) expect(width(line)).toBeLessThanOrEqual(60)
    expect(lines.slice(4, 6)).toEqual([
      'info      Clients of 127.0.0.1 do not reach tcp 0.0.0.0:443:',
      '          tcp 127.0.0.1:443 is more specific.',
    ])
  })

  test('only namespaces with groups are counted', () => {
    const namespaces = [1, 2, 3].map((inode) => ({ inode, name: `ns${inode}`, self: inode === 1 }))
    const of = (...netns: number[]) =>
      aSnapshot({ namespaces, groups: netns.map((inode, at) => ({ ...https, id: `${at}`, netns: inode })) })
    expect(page({ interactive: true }, of(2, 3)).at(-1)).toMatch(/^4 sockets in 2 groups in 2 namespaces, read/)
    expect(page({ interactive: true }, of(2)).at(-1)).toMatch(/^2 sockets in 1 group, read/)
  })

  test('an empty list claims only what was read', () => {
    expect(page({ interactive: true }, aSnapshot({ groups: [] }))).toEqual([
      'No sockets share a port in this network namespace. Use --all to include unshared sockets.',
    ])
    const namespaces = [1, 2].map((inode) => ({ inode, name: `ns${inode}`, self: inode === 1 }))
    expect(page({ interactive: true }, aSnapshot({ groups: [], namespaces }))).toEqual([
      'No sockets share a port in any of the 2 network namespaces read. Use --all to include unshared sockets.',
    ])
  })
})
