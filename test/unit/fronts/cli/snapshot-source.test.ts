/** Filters apply to snapshots as they do to the machine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Finding, Snapshot } from '../../../../electron/contract/model.ts'
import { partsOf } from '../../../../electron/engine/snapshots/parts.ts'
import { run } from '../../../../electron/fronts/cli/program.ts'
import { toGroupList } from '../../../../electron/fronts/cli/summary.ts'
import { aContext } from '../../../doubles/cli-context.ts'
import { recordedTerminal } from '../../../doubles/recorded-terminal.ts'
import { aGroup, aMember, aSnapshot, hostNamespace } from '../../../doubles/snapshots.ts'

const folder = mkdtempSync(join(tmpdir(), 'snapshot-source-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const other = { inode: 4026532000, name: 'blue', self: false }
const [www, dns, lone] = [
  aGroup({ id: '00000000000000a1', port: 443, netns: other.inode }),
  aGroup({
    id: '00000000000000b2',
    protocol: 'udp',
    port: 53,
    members: [aMember({ cookie: '1', uid: 33, user: 'www-data', state: 'unconnected' }), aMember({ cookie: '2' })],
  }),
  aGroup({ id: '00000000000000c3', port: 22, sharing: 'none' }),
]
const finding: Finding = {
  code: 'queue-full',
  severity: 'critical',
  group: www.id,
  members: [],
  summary: 'It is full.',
  evidence: [],
  explanation: 'Full.',
  advice: 'Empty it.',
  mentions: [],
}
const host = { ...aSnapshot().host, bootId: 'one' }
const all = aSnapshot({ host, namespaces: [hostNamespace, other], groups: [www, dns, lone], findings: [finding] })

function kept(name: string, snapshot: Snapshot): string {
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify(snapshot))
  return path
}
const file = kept('all.json', all)

async function cli(args: string[], now = all) {
  const terminal = recordedTerminal()
  const observe = async () => ({
    parts: () => partsOf(now),
    snapshot: async () => now,
    groupList: async () => toGroupList(now),
    port: async () => {
      throw new Error('not asked for')
    },
    processes: () => [],
  })
  const status = await run(args, aContext({ terminal, core: observe }))
  return { status, out: terminal.out(), messages: terminal.messages() }
}

test.each([
  [['--port', '443'], [www]],
  [['--protocol', 'udp'], [dns]],
  [['--user', 'www-data'], [dns]],
  [['--user', '33'], [dns]],
  [['--netns', 'blue'], [www]],
  [['--netns', '4026532000'], [www]],
  [
    ['--netns', 'self'],
    [dns, lone],
  ],
  [['--sharing', 'none'], [lone]],
  [['--protocol', 'tcp', '--netns', 'self'], [lone]],
  [[], [www, dns, lone]],
])('export FILE %j', async (filters, groups) => {
  const { status, out } = await cli(['export', file, '--format', 'json', ...filters])
  expect(status).toBe(0)
  const findings = groups.some((group) => group === www) ? [finding] : []
  expect(JSON.parse(out)).toEqual({ ...all, groups, findings })
})

test('diff filters both sides, and reports only what matches', async () => {
  const before = { ...all, groups: [www, dns, lone, aGroup({ id: '00000000000000d4', port: 8080 })] }
  const after = { ...all, groups: [{ ...www, sharing: 'unknown' as const }, lone], findings: [] }
  const compared = async (...filters: string[]) =>
    JSON.parse((await cli(['diff', kept('before.json', before), kept('after.json', after), '--json', ...filters])).out)
  expect(await compared('--port', '8080')).toMatchObject({
    before: { groups: 1, sockets: 2 },
    after: { groups: 0, sockets: 0 },
    groups: [{ change: 'removed', key: { port: 8080 } }],
    unchanged: 0,
    cleared: [],
  })
  // A match on one side keeps the group on both: it was neither added nor removed.
  for (const how of ['reuseport', 'unknown']) {
    const { groups, cleared } = await compared('--port', '443', '--sharing', how)
    expect(groups).toMatchObject([{ change: 'changed', sharing: { before: 'reuseport', after: 'unknown' } }])
    expect(cleared).toHaveLength(1)
  }
  expect(await compared('--netns', 'blue')).toMatchObject({ groups: [{ change: 'changed' }] })
})

test('a file and now are filtered alike', async () => {
  const { out } = await cli(['diff', file, 'now', '--port', '443', '--json'])
  expect(JSON.parse(out)).toMatchObject({ before: { groups: 1 }, after: { groups: 1 }, groups: [], unchanged: 1 })
})

test('a namespace that no snapshot has is refused, with those that exist', async () => {
  for (const args of [
    ['export', file, '--format', 'csv'],
    ['show', file],
    ['diff', file, file],
  ]) {
    const { status, messages } = await cli([...args, '--netns', 'green'])
    expect({ args, status, messages }).toEqual({
      args,
      status: 3,
      messages: expect.stringMatching(/has no network namespace 'green'\. It has: host, blue\.\n$/),
    })
  }
})
