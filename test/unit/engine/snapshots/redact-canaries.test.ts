/** A machine of canaries with every finding: none of its names is left in any format of a redacted snapshot. */

import { describe, expect, test } from 'vitest'
import type { KernelGroup } from '../../../../electron/contract/kernel-group.ts'
import { type Group, Redaction, type Snapshot } from '../../../../electron/contract/model.ts'
import { EXPORT_FORMATS } from '../../../../electron/contract/values.ts'
import type { GroupView } from '../../../../electron/engine/analyze/findings/rule.ts'
import { exported } from '../../../../electron/engine/snapshots/exports/formats.ts'
import { collectParts, type SnapshotPart } from '../../../../electron/engine/snapshots/parts.ts'
import { difference } from '../../../../electron/engine/snapshots/recording.ts'
import { redacted } from '../../../../electron/engine/snapshots/redact.ts'
import { aMember, aSnapshot } from '../../../doubles/snapshots.ts'
import { raiseExamples } from '../analyze/findings/examples.ts'

const USERS = { 70077: 'canaryalice', 70078: 'canarymallory' }
const ADDRESSES = ['10.99.88.77', '10.99.88.78', '2001:db8:cafe::77', '::ffff:10.99.88.79'] as const
const CLIENT = '10.99.88.80'
const COMMANDS = ['canaryserver', 'canarystranger', '(canary server)', '70999'] as const
const PROGRAM = { name: 'canaryprogram', map: 'canarymap' } as const
const BOOT = 'b007b007-1111-4222-8333-444455556666'
const NAMESPACES = ['canary-netns', '8300083', 'canary.container']

/** Which kinds of redaction each is subject to. */
const SUBJECT: Record<Redaction, readonly string[]> = {
  hosts: ['canary-host', BOOT, ...NAMESPACES],
  addresses: [...ADDRESSES, CLIENT, 'canaryeth0'],
  users: [...Object.values(USERS), ...Object.keys(USERS)],
  commands: [...COMMANDS, ...NAMESPACES, PROGRAM.name, PROGRAM.map],
}
const CANARIES = [...new Set(Object.values(SUBJECT).flat())]

const raised = raiseExamples({
  commands: COMMANDS,
  users: USERS,
  addresses: ADDRESSES,
  interface: 'canaryeth0',
})
const findings = raised.map(({ finding }) => finding)

const kernelGroup: KernelGroup = {
  id: 1,
  members: ['1000'],
  halfOpen: [0],
  closed: [],
  maxSocks: 128,
  bindInany: false,
  hasConns: false,
  program: {
    kind: 'extended',
    id: 1,
    name: PROGRAM.name,
    tag: '0123456789abcdef',
    type: 21,
    loadedAt: '2026-01-01T00:00:00.000Z',
    mapCount: 1,
    maps: [{ id: 2, name: PROGRAM.map, type: 20, maxEntries: 1, places: [{ key: 0, cookie: '1000' }] }],
  },
}

const TIME = '2026-01-01T00:00:00.000Z'

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
    members: view.members.map(({ uid, holders, state }, index) =>
      aMember({
        cookie: String(1000 + 100 * at + index),
        inode: 1,
        uid,
        user: view.user(uid),
        state,
        queue: { length: 1, limit: 1, unit: 'connections' },
        holders: holders.map(holder),
        pollers: [],
      }),
    ),
    kernelGroups: [kernelGroup],
    recentFlows: {
      since: TIME,
      given: 1,
      sampled: 1,
      flows: [{ at: TIME, address: CLIENT, port: 40_000, cookie: '1000', sampled: 1 }],
    },
  }
}

const views = raised.map(({ view }) => view)
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

test('every text of a finding contains canaries', () => {
  const said = findings.map(({ summary, explanation, advice }) => `${summary} ${explanation} ${advice}`)
  for (const sentence of said) expect(leaksOf(sentence)).not.toEqual([])
  // Only then does their absence below prove anything.
  expect(leaksOf(JSON.stringify(canaries))).toEqual(CANARIES)
})

describe('redacted', () => {
  // A PNG is drawn from the text of the SVG.
  test.each(EXPORT_FORMATS.filter((format) => format !== 'png'))('%s', async (format) => {
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
