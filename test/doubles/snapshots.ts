/** Groups, rows and snapshots for tests: complete and valid, different only in what a test sets. */

import { SNAPSHOT_SCHEMA } from '../../electron/contract/constants.ts'
import type { GroupRow, GroupsChange, SamplerStatus } from '../../electron/contract/live.ts'
import type { Group, Member, Snapshot } from '../../electron/contract/model.ts'

export const takenAt = '2026-01-01T00:00:00.000Z'
export const hostNamespace = { inode: 4026531840, name: 'host', self: true }

export function aMember(given: Partial<Member> = {}): Member {
  return {
    cookie: '4097',
    inode: 31337,
    uid: 0,
    user: 'root',
    state: 'listening',
    queue: { length: 0, limit: 511, unit: 'connections' },
    drops: 0,
    holders: [{ pid: 812, fds: [6], command: 'nginx', startedAt: takenAt }],
    pollers: [812],
    ...given,
  }
}

const key = {
  id: '3fa9c1d200000001',
  netns: hostNamespace.inode,
  protocol: 'tcp',
  family: 'ipv4',
  v6only: null,
  address: '0.0.0.0',
  port: 443,
  interface: null,
  uid: 0,
  user: 'root',
  sharing: 'reuseport',
  evidence: 'co-listening',
} as const

export function aGroup(given: Partial<Group> = {}): Group {
  return {
    ...key,
    members: [aMember(), aMember({ cookie: '4098', inode: 31338 })],
    queue: { length: 0, limit: 1022, unit: 'connections' },
    drops: 0,
    ...given,
  }
}

export function aRow(given: Partial<GroupRow> = {}): GroupRow {
  return {
    ...key,
    receiving: 2,
    bound: 0,
    connected: 0,
    holders: 1,
    owners: [{ command: 'nginx', processes: 1, service: null }],
    pids: [1],
    ownersHidden: 0,
    queue: { length: 0, limit: 1022, unit: 'connections' },
    fullest: { cookie: '4097', length: 0, limit: 511 },
    imbalance: null,
    queueUtilization: [0, 0],
    drops: 0,
    dropsPerSecond: 0,
    firstSeenAt: takenAt,
    ...given,
  }
}

export function aSnapshot(given: Partial<Snapshot> = {}): Snapshot {
  return {
    schema: SNAPSHOT_SCHEMA,
    takenAt,
    durationMs: 4.2,
    host: { hostname: 'edge-07', kernelRelease: '6.18.4', bootId: null, uid: 1000, capabilities: [] },
    sysctls: { 'net.core.somaxconn': 4096 },
    namespaces: [hostNamespace],
    groups: [aGroup()],
    findings: [],
    ...given,
  }
}

export function aSampling(given: Partial<SamplerStatus> = {}): SamplerStatus {
  return {
    refresh: 1,
    takenAt,
    durationMs: 4.2,
    intervalMs: 1000,
    requestedIntervalMs: 1000,
    paused: false,
    problem: null,
    ...given,
  }
}

export function aChange(given: Partial<GroupsChange> = {}): GroupsChange {
  return {
    cursor: '1',
    reset: false,
    more: false,
    rows: [],
    removed: [],
    totals: { sockets: 2, groups: 1, unshared: 0, ownersHidden: 0, processesRefused: 0 },
    namespaces: [hostNamespace],
    sampler: aSampling(),
    ...given,
  }
}
