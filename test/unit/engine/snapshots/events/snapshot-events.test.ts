import { expect, test } from 'vitest'
import type { Snapshot } from '../../../../../electron/contract/model.ts'
import { SnapshotEvents } from '../../../../../electron/engine/snapshots/index.ts'
import { aGroup, aMember, aSnapshot, hostNamespace } from '../../../../doubles/snapshots.ts'

const START = Date.parse('2026-01-01T00:00:00.000Z')
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString()

function eventsOf(...snapshots: Snapshot[]) {
  const found = new SnapshotEvents()
  for (const snapshot of snapshots) found.add(snapshot)
  found.finish()
  return found.all
}

const finding = {
  code: 'queue-overflowing',
  severity: 'critical' as const,
  group: aGroup().id,
  members: [],
  summary: 'Member 1 of 2 at tcp 0.0.0.0:443 is dropping connections.',
  evidence: [],
  explanation: '',
  advice: '',
  mentions: [],
}

test('a finding is an event when it is raised and when it clears, with what was lost meanwhile', () => {
  const losing = aGroup({ members: [aMember({ drops: 30 }), aMember({ cookie: '4098', drops: 12 })] })
  const events = eventsOf(
    aSnapshot(),
    aSnapshot({ takenAt: at(1), findings: [finding] }),
    aSnapshot({ takenAt: at(2), groups: [losing], findings: [finding] }),
    aSnapshot({ takenAt: at(61), groups: [losing] }),
  )
  expect(events).toMatchObject([
    { kind: 'raised', severity: 'critical', summary: 'Member 1 of 2 is dropping connections', at: at(1) },
    expect.anything(),
    { kind: 'cleared', lost: 42, summary: 'queue-overflowing cleared after 1 minute, 42 lost', at: at(61) },
  ])
  expect(events[1]).toMatchObject({ kind: 'unwatched', at: at(2), until: at(61), lost: 0 })
})

test('findings of one cause are one incident, which has lost what raised it too, and everything until the last clears', () => {
  const losing = (drops: number) => [aGroup({ members: [aMember({ drops }), aMember({ cookie: '4098' })] })]
  const stalled = { ...finding, code: 'member-stalled' }
  const events = eventsOf(
    aSnapshot({ groups: losing(5) }),
    aSnapshot({ takenAt: at(1), groups: losing(12) }),
    aSnapshot({ takenAt: at(2), groups: losing(20), findings: [stalled] }),
    aSnapshot({ takenAt: at(3), groups: losing(30), findings: [stalled, finding] }),
    aSnapshot({ takenAt: at(4), groups: losing(41), findings: [finding] }),
    aSnapshot({ takenAt: at(5), groups: losing(45) }),
    aSnapshot({ takenAt: at(8), groups: losing(45) }),
    aSnapshot({ takenAt: at(9), groups: losing(45) }),
    aSnapshot({ takenAt: at(10), groups: losing(46), findings: [finding] }),
  )
  expect(events.map(({ kind, finding, incident }) => [kind, finding?.split(':')[0], incident])).toEqual([
    ['raised', 'member-stalled', { beganAt: at(2), lost: 15 }],
    ['raised', 'queue-overflowing', { beganAt: at(2), lost: 25 }],
    ['cleared', 'member-stalled', { beganAt: at(2), lost: 36 }],
    ['cleared', 'queue-overflowing', { beganAt: at(2), lost: 40 }],
    ['raised', 'queue-overflowing', { beganAt: at(10), lost: 1 }],
  ])
})

test('a reload is recognized by sockets and processes; waiting connections are lost unless the kernel moves them', () => {
  const old = [aMember({ queue: { length: 9, limit: 511, unit: 'connections' } }), aMember({ cookie: '4098' })]
  const holder = { pid: 990, fds: [6], command: 'nginx', startedAt: at(1) }
  const young = [aMember({ cookie: '5000', holders: [holder] })]
  const frames = (sysctls: Snapshot['sysctls']) =>
    eventsOf(
      aSnapshot({ groups: [aGroup({ members: old })], sysctls }),
      aSnapshot({ takenAt: at(1), groups: [aGroup({ members: young })], sysctls }),
    )
  expect(frames({})).toMatchObject([
    {
      kind: 'reload',
      lost: 9,
      summary: 'nginx reloaded: 2 → 1 member, at least 9 connections reset; new processes and sockets',
      generations: { before: { members: 2, pids: [812] }, after: { members: 1, pids: [990], startedAt: at(1) } },
    },
  ])
  expect(frames({ 'net.ipv4.tcp_migrate_req': 1 })).toMatchObject([{ kind: 'reload', lost: null }])
})

test('groups, namespaces and programs that come and go', () => {
  const cni = { inode: 77, name: 'cni-1', self: false }
  const kernel = {
    id: 1,
    members: ['4097', '4098'],
    halfOpen: [0, 0],
    closed: [],
    maxSocks: 128,
    bindInany: false,
    hasConns: false,
  }
  const program = { kind: 'classic' as const, instructions: [{ code: 6, jt: 0, jf: 0, k: 0 }] }
  const plain = aGroup({ kernelGroups: [{ ...kernel, program: null }] })
  const steered = aGroup({ kernelGroups: [{ ...kernel, program }] })
  const events = eventsOf(
    aSnapshot({ groups: [] }),
    aSnapshot({ takenAt: at(1), groups: [plain], namespaces: [hostNamespace, cni] }),
    aSnapshot({ takenAt: at(2), groups: [steered], namespaces: [hostNamespace] }),
    aSnapshot({ takenAt: at(3), groups: [], namespaces: [hostNamespace] }),
  )
  expect(events.map(({ kind, summary }) => `${kind}: ${summary}`)).toEqual([
    'joined: nginx: new group, 2 members',
    'namespace: network namespace cni-1 appeared',
    'program: BPF program attached: classic, 1 instruction',
    'namespace: network namespace cni-1 disappeared',
    'left: nginx: group closed, 2 members',
  ])
})

test('only what cannot change any more is taken, in order', () => {
  const found = new SnapshotEvents()
  found.add(aSnapshot({ groups: [] }))
  found.add(aSnapshot({ takenAt: at(1) }))
  expect(found.takeSettled()).toEqual([])
  found.add(aSnapshot({ takenAt: at(4) }))
  found.add(aSnapshot({ takenAt: at(8) }))
  expect(found.takeSettled().map(({ kind }) => kind)).toEqual(['joined'])
  expect(found.takeSettled()).toEqual([])
})
