/** Groups that raise every finding, in all its variants: for the reference page, and for what redaction must remove. */

import type { KernelGroup, SteeringProgram } from '../../../../../electron/contract/kernel-group.ts'
import type { Finding, FindingCode } from '../../../../../electron/contract/model.ts'
import type { BalanceSample } from '../../../../../electron/engine/analyze/findings/imbalance-significant.ts'
import type { NamespaceFacts } from '../../../../../electron/engine/analyze/findings/namespace-facts.ts'
import type {
  GroupView,
  ListedRule,
  RuleContext,
  Verdict,
} from '../../../../../electron/engine/analyze/findings/rule.ts'
import { allRules } from '../../../../../electron/engine/analyze/findings/rules.ts'
import { flowSpreadOf } from '../../../../../electron/engine/analyze/statistics.ts'
import { toSentences } from '../../../../../electron/engine/common/prose.ts'
import { aGroupView, aMoment } from './view.ts'

/** The names on a machine. */
export type Names = {
  /** A server, another program, and two commands that are hard to read. */
  commands: readonly [string, string, string, string]
  /** The owner of the server, and another user. */
  users: Readonly<Record<number, string>>
  /** IPv4, IPv4, IPv6, and an IPv4 address mapped to IPv6. */
  addresses: readonly [string, string, string, string]
  interface: string | null
}

type Change = Parameters<typeof aGroupView>[0]
type Example = readonly [GroupView, Partial<RuleContext>?]

/** Examinations after which every rule has raised its finding. */
const SLOTS = 12

/** Samples of a group's balance, by the group's id. */
const BALANCE: Readonly<Record<string, { connections: number[]; flows: number[] | null; counted?: boolean }>> = {
  '00000000000000b1': { connections: [400, 100, 100, 100], flows: [400, 100, 100, 100] },
  '00000000000000b2': { connections: [400, 100, 100, 100], flows: [1000, 1010, 990, 1000] },
  '00000000000000b3': { connections: [400, 100, 100, 100], flows: null },
  '00000000000000b4': { connections: [400, 100, 100, 100], flows: [400, 100, 100, 100], counted: true },
  '00000000000000b5': { connections: [400, 100, 100, 100], flows: [1000, 1010, 990, 1000], counted: true },
}

function balanceOf(id: string): BalanceSample | null {
  const sample = BALANCE[id]
  const connections = flowSpreadOf(sample?.connections ?? [])
  if (connections === null) return null
  return { connections, flows: flowSpreadOf(sample?.flows ?? []), counted: sample?.counted ?? false }
}

/** Raises each finding in each of its variants, on a machine with four CPUs. */
export function raiseExamples(names: Names): { view: GroupView; finding: Finding }[] {
  const examples = examplesOf(names)
  const rules = allRules(
    balanceOf,
    () => 1n,
    () => 4,
  )
  return rules.flatMap((rule) => examples[rule.code].map((example) => raise(rule, example)))
}

function raise(rule: ListedRule, [view, moment]: Example): { view: GroupView; finding: Finding } {
  let verdict: Verdict | 'watch' | null = null
  for (let slot = 1; slot <= SLOTS; slot++) verdict = rule.examine(view, aMoment({ slot }))
  if (moment !== undefined) verdict = rule.examine(view, aMoment({ slot: SLOTS, ...moment }))
  if (verdict === 'watch' || verdict === null) throw new Error(`an example of ${rule.code} raises nothing`)
  const { severity, members, evidence } = verdict
  const finding = { code: rule.code, severity, group: view.id, members: members.map(String), evidence }
  return { view, finding: { ...finding, ...toSentences(verdict) } }
}

/** Returns 0 for every client. */
const classic: SteeringProgram = { kind: 'classic', instructions: [{ code: 6, jt: 0, jf: 0, k: 0 }] }
/** Its map has the first member alone. */
const extended: SteeringProgram = {
  kind: 'extended',
  id: 12,
  name: 'select_worker',
  tag: '7c1e02b4a95d3f60',
  type: 21,
  loadedAt: '2026-01-01T00:00:00.000Z',
  mapCount: 1,
  maps: [{ id: 88, name: 'worker_socks', type: 20, maxEntries: 8, places: [{ key: 0, cookie: '1' }] }],
}

/** Returns 7 for every client, which is no place of a group of two. */
const pastTheEnd: SteeringProgram = { kind: 'classic', instructions: [{ code: 6, jt: 0, jf: 0, k: 7 }] }
/** Its map has none: the sockets in it have closed. */
const emptied: SteeringProgram = {
  ...extended,
  maps: [{ id: 88, name: 'worker_socks', type: 20, maxEntries: 8, places: [] }],
}

/** Its map has both. */
const whole: SteeringProgram = {
  ...extended,
  maps: [
    {
      id: 88,
      name: 'worker_socks',
      type: 20,
      maxEntries: 8,
      places: ['1', '2'].map((cookie, key) => ({ key, cookie })),
    },
  ],
}

function steeredBy(members: string[], program: SteeringProgram): KernelGroup {
  const rest = { halfOpen: null, closed: [], maxSocks: 128, bindInany: false, hasConns: false }
  return { id: 1, members, ...rest, program }
}

function examplesOf({ commands, users, addresses, interface: on }: Names): Record<FindingCode, readonly Example[]> {
  const [server, stranger, spaced, numeric] = commands
  const [ipv4, otherIpv4, ipv6, mapped] = addresses
  const [uid = 0, otherUid = 0] = Object.keys(users).map(Number)
  const process = (pid: number, command: string, startedAt = 0) => ({ pid, parent: 2, command, startedAt })
  const processes = [
    process(1, server),
    process(2, stranger),
    process(3, spaced),
    process(4, numeric),
    process(11, server, 1),
    process(12, server, 600_000),
    process(13, server, 600_001),
  ]
  const group = (change: Change = {}): GroupView =>
    aGroupView({
      text: ipv4,
      members: [
        { uid, holders: [1] },
        { uid, holders: [3, 4] },
      ],
      processes,
      users,
      interface: on,
      ...change,
    })
  const facts = (known: Partial<NamespaceFacts> = {}): NamespaceFacts => ({
    grown: () => 9,
    somaxconn: 128,
    migrates: false,
    unprivilegedPortStart: 1024,
    ...known,
  })
  const given = { total: 64, since: 1_700_000_000_000 - 30_000 }
  const theirs = { uid: otherUid, holders: [2] }
  const both = { uid, holders: [1], options: { reuseport: true, reuseaddr: true } }
  return {
    'queue-overflowing': [
      [group({ members: [{ length: 200, dropped: 3, holders: [1, 3, 4] }] })],
      [group({ members: [{ length: 200, holders: [1, 2, 3, 4, 11] }] })],
    ],
    'member-stalled': [[group({ members: [{ length: 5, holders: [1, 2] }, { pollers: [7] }, {}] })]],
    'imbalance-significant': [
      [group({ id: '00000000000000b1' })],
      [group({ id: '00000000000000b2' })],
      [group({ id: '00000000000000b3' })],
      [group({ id: '00000000000000b4' })],
      [group({ id: '00000000000000b5' })],
      [group({ id: '00000000000000b1', sharing: 'inherited' })],
    ],
    'not-a-group': [[group({ sharing: 'inherited', members: [{ holders: [1, 2], serving: [1, 2, 3, 4] }] })]],
    'udp-newest-takes-all': [
      [group({ protocol: 'udp', sharing: 'reuseaddr', text: ipv6 })],
      [group({ protocol: 'udp', sharing: 'reuseaddr', text: ipv6, port: 5353 })],
    ],
    'port-hijackable': [
      [group({ protocol: 'udp', facts: facts(), members: [both, both] })],
      [group({ protocol: 'udp', members: [both, theirs] })],
      [group({ protocol: 'udp', members: [both], neighbors: [group({ protocol: 'udp', members: [theirs] })] })],
    ],
    'group-shadowed': [
      [
        group({
          text: '0.0.0.0',
          members: [{ holders: [1] }],
          neighbors: [group({ text: otherIpv4, members: [theirs] })],
        }),
      ],
      [
        group({
          text: '0.0.0.0',
          members: [{ holders: [1] }],
          neighbors: [group({ text: otherIpv4, members: [{ uid, holders: [1] }] })],
        }),
      ],
      [group({ text: '::', v6only: false, neighbors: [group({ text: mapped, members: [theirs] })] })],
    ],
    'program-misses-members': [
      [group({ kernelGroups: [steeredBy(['1', '2'], classic)] })],
      [group({ kernelGroups: [steeredBy(['1', '2'], extended)] })],
      [group({ kernelGroups: [steeredBy(['1', '2'], pastTheEnd)] })],
      [group({ kernelGroups: [steeredBy(['1', '2'], emptied)] })],
    ],
    'member-gets-nothing': [
      [group({ given, members: [{ given: 64 }, { given: 0, holders: [1] }] })],
      [group({ given, kernelGroups: [steeredBy(['1', '2'], whole)], members: [{ given: 64 }, { given: 0 }] })],
      [
        group({
          given,
          kernelGroups: [],
          members: [
            { given: 64, cpu: 0 },
            { given: 0, cpu: 1 },
          ],
        }),
      ],
    ],
    'mixed-generations': [[group({ members: [{ serving: [1] }, { serving: [11] }, { serving: [12, 13] }] })]],
    'reload-lost-connections': [[group({ facts: facts() }), { removed: [{ cookie: 9n, queued: 5 }] }]],
    'backlog-clamped': [[group({ facts: facts(), members: [{ length: 128, dropped: 2 }] })]],
    'cpu-steering-partial': [[group({ members: [{ cpu: 0 }, { cpu: 'not set' }] })]],
    'near-group-limit': [[group({ receiving: 32_000 })], [group({ receiving: 32_768 })]],
    'large-ipv6-group': [[group({ text: ipv6, receiving: 2000 })], [group({ text: ipv6, receiving: 20_000 })]],
    'udp-not-read': [[group({ protocol: 'udp', members: [{ length: 90, limit: 100, holders: [1, 2] }, {}] })]],
    'udp-receive-drops': [[group({ protocol: 'udp', members: [{ dropped: 3, holders: [1, 2] }, {}] })]],
  }
}
