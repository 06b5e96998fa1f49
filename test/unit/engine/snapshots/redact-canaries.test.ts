/** A machine of canaries with every finding: none of its names is left in any format of a redacted snapshot. */
import { describe, expect, test } from 'vitest'
import { type Finding, type Group, Redaction, type Snapshot } from '../../../../electron/contract/model.ts'
import type { NamespaceFacts } from '../../../../electron/engine/analyze/findings/namespace-facts.ts'
import type { GroupView, Rule, RuleContext, Verdict } from '../../../../electron/engine/analyze/findings/rule.ts'
import { allRules } from '../../../../electron/engine/analyze/findings/rules.ts'
import { flowSpreadOf } from '../../../../electron/engine/analyze/statistics.ts'
import { toSentences } from '../../../../electron/engine/prose.ts'
import { exported, FORMATS } from '../../../../electron/engine/snapshots/exports/formats.ts'
import { collectParts, type SnapshotPart } from '../../../../electron/engine/snapshots/parts.ts'
import { difference } from '../../../../electron/engine/snapshots/recording.ts'
import { redacted } from '../../../../electron/engine/snapshots/redact.ts'
import { aSnapshot } from '../../../doubles/snapshots.ts'
import { aGroupView, aMoment } from '../analyze/findings/view.ts'

const USERS = { 70077: 'canaryalice', 70078: 'canarymallory' }
const ADDRESSES = ['10.99.88.77', '10.99.88.78', '2001:db8:cafe::77', '::ffff:10.99.88.79']
const COMMANDS = ['canaryserver', 'canarystranger', '(canary server)', '70999']
const process = (pid: number, command: string, startedAt = 0) => ({ pid, parent: 2, command, startedAt })
const PROCESSES = [
  process(1, 'canaryserver'),
  process(2, 'canarystranger'),
  process(3, '(canary server)'),
  process(4, '70999'),
  process(11, 'canaryserver', 1),
  process(12, 'canaryserver', 600_000),
  process(13, 'canaryserver', 600_001),
]
const BOOT = 'b007b007-1111-4222-8333-444455556666'
const NAMESPACES = ['canary-netns', '8300083', 'canary.container']

/** Which kinds of redaction each is subject to. */
const SUBJECT: Record<Redaction, readonly string[]> = {
  hosts: ['canary-host', BOOT, ...NAMESPACES],
  addresses: [...ADDRESSES, 'canaryeth0'],
  users: [...Object.values(USERS), ...Object.keys(USERS)],
  commands: [...COMMANDS, ...NAMESPACES],
}
const CANARIES = [...new Set(Object.values(SUBJECT).flat())]

type Change = Parameters<typeof aGroupView>[0]
const machine = { processes: PROCESSES, users: USERS, interface: 'canaryeth0' }
const group = (change: Change = {}): GroupView =>
  aGroupView({
    text: '10.99.88.77',
    members: [
      { uid: 70_077, holders: [1] },
      { uid: 70_077, holders: [3, 4] },
    ],
    ...machine,
    ...change,
  })
const facts = (known: Partial<NamespaceFacts> = {}): NamespaceFacts => ({
  grown: () => 9,
  somaxconn: 128,
  migrates: false,
  unprivilegedPortStart: 1024,
  ...known,
})
const spread = flowSpreadOf([400, 100, 100, 100])
const theirs = { uid: 70_078, holders: [2] }
const both = { uid: 70_077, holders: [1], options: { reuseport: true, reuseaddr: true } }

/** For each code, groups that raise it, in all its variants. */
const EXAMPLES: Record<string, readonly (readonly [GroupView, Partial<RuleContext>?])[]> = {
  'queue-overflowing': [
    [group({ members: [{ length: 200, dropped: 3, holders: [1, 3, 4] }] })],
    [group({ members: [{ length: 200, holders: [1, 2, 3, 4, 11] }] })],
  ],
  'member-stalled': [[group({ members: [{ length: 5, holders: [1, 2] }, { pollers: [7] }, {}] })]],
  'imbalance-significant': [[group()], [group({ sharing: 'inherited' })]],
  'not-a-group': [[group({ sharing: 'inherited', members: [{ holders: [1, 2], serving: [1, 2, 3, 4] }] })]],
  'udp-newest-takes-all': [[group({ protocol: 'udp', sharing: 'reuseaddr', text: '2001:db8:cafe::77' })]],
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
        neighbors: [group({ text: '10.99.88.78', members: [theirs] })],
      }),
    ],
    [group({ text: '::', v6only: false, neighbors: [group({ text: '::ffff:10.99.88.79', members: [theirs] })] })],
  ],
  'mixed-generations': [[group({ members: [{ serving: [1] }, { serving: [11] }, { serving: [12, 13] }] })]],
  'reload-lost-connections': [[group({ facts: facts() }), { removed: [{ cookie: 9n, queued: 5 }] }]],
  'backlog-clamped': [[group({ facts: facts(), members: [{ length: 128, dropped: 2 }] })]],
  'cpu-steering-partial': [[group({ members: [{ cpu: 0 }, { cpu: 'not set' }] })]],
  'near-group-limit': [[group({ receiving: 32_000 })], [group({ receiving: 32_768 })]],
  'large-ipv6-group': [[group({ text: '2001:db8:cafe::77', receiving: 2000 })]],
  'udp-not-read': [[group({ protocol: 'udp', members: [{ length: 90, limit: 100, holders: [1, 2] }, {}] })]],
  'udp-receive-drops': [[group({ protocol: 'udp', members: [{ dropped: 3, holders: [1, 2] }, {}] })]],
}

function findingsOf(rule: Rule): Finding[] {
  return (EXAMPLES[rule.code] ?? []).flatMap(([view, moment]) => {
    let verdict: Verdict | 'watch' | null = null
    for (let slot = 0; slot < 12; slot++) verdict = rule.examine(view, aMoment({ slot, ...moment }))
    if (verdict === 'watch' || verdict === null) return []
    const { severity, members, evidence } = verdict
    return [
      { code: rule.code, severity, group: view.id, members: members.map(String), evidence, ...toSentences(verdict) },
    ]
  })
}

const rules = allRules(
  () => (spread === null ? null : { connections: spread, flows: spread }),
  () => 1n,
)
const findings = rules.flatMap(findingsOf)

/** The model's form of a view. */
function groupOf(view: GroupView, at: number): Group {
  const holder = (pid: number) => ({ pid, fds: [6], command: view.process(pid)?.command ?? '', startedAt: null })
  return {
    ...view.key,
    id: at.toString(16).padStart(16, '0'),
    uid: 70_077,
    user: view.user(70_077),
    queue: { length: 1, limit: 1, unit: 'connections' },
    drops: 0,
    members: view.members.map(({ uid, holders, state }, index) => ({
      cookie: String(1000 + 100 * at + index),
      inode: 1,
      uid,
      user: view.user(uid),
      state,
      queue: { length: 1, limit: 1, unit: 'connections' },
      drops: 0,
      holders: holders.map(holder),
      pollers: [],
    })),
  }
}

const views = Object.values(EXAMPLES)
  .flat(1)
  .map(([view]) => view)
const namespace = (inode: number, name: string) => ({ inode, name, self: inode === 1 })
const canaries: Snapshot = aSnapshot({
  host: {
    hostname: 'canary-host',
    kernelRelease: '6.18',
    bootId: BOOT,
    uid: 70_077,
    capabilities: [],
  },
  // An inode without a known name is shown as a number.
  namespaces: [...NAMESPACES.map((name, at) => namespace(at + 1, name)), namespace(4, '4')],
  groups: views.map(groupOf),
  findings,
})

async function* parts(groups: readonly Group[] = canaries.groups): AsyncGenerator<SnapshotPart> {
  const { groups: _, findings: told, ...head } = canaries
  yield { head }
  for (const group of groups) yield { group }
  yield { findings: told }
}

const KEY = Buffer.alloc(32, 7)
const redact = (what: readonly Redaction[], groups?: readonly Group[]) => redacted(parts(groups), what, KEY)
/** In any form in which a format may have written it: numbers with separators, brackets as references. */
const leaksOf = (text: string) => {
  const plain = text
    .replace(/(?<=\d),(?=\d{3})/g, '')
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
  return CANARIES.filter((canary) => plain.includes(canary))
}
async function textOf(pieces: AsyncIterable<string | Uint8Array>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}

test('every finding was raised, in texts that contain canaries', () => {
  expect([...new Set(findings.map(({ code }) => code))].sort()).toEqual(rules.map(({ code }) => code).sort())
  const said = findings.map(({ summary, explanation, advice }) => `${summary} ${explanation} ${advice}`)
  for (const sentence of said) expect(leaksOf(sentence)).not.toEqual([])
  // Only then does their absence below prove anything.
  expect(leaksOf(JSON.stringify(canaries))).toEqual(CANARIES)
})

describe('redacted', () => {
  // A PNG is drawn from the text of the SVG.
  test.each(FORMATS.filter((format) => format !== 'png'))('%s', async (format) => {
    expect(leaksOf(await textOf(exported(redact(Redaction.options), format)))).toEqual([])
  })

  test('a neighbor that is not in the file', async () => {
    expect(leaksOf(await textOf(exported(redact(Redaction.options, []), 'json')))).toEqual([])
  })

  test('a recording', async () => {
    const before = await collectParts(redact(Redaction.options, []))
    const after = await collectParts(redact(Redaction.options))
    expect(leaksOf(JSON.stringify([before, difference(before, after)]))).toEqual([])
  })

  test.each(Redaction.options)('%s alone: they are removed, and nothing else is', async (what) => {
    const left = CANARIES.filter((canary) => !SUBJECT[what].includes(canary))
    expect(leaksOf(await textOf(exported(redact([what]), 'json')))).toEqual(left)
  })
})
