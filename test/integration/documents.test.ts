/** What the built terminal front prints as JSON is what the published schema of its kind says, and no more. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import type { z } from 'zod'
import { Balance, FindingRow, PacketPath, Probe, SteeringMap } from '../../electron/contract/analysis.ts'
import { Comparison } from '../../electron/contract/comparison.ts'
import { LoggedEvent } from '../../electron/contract/events.ts'
import { RecipeRun } from '../../electron/contract/lab.ts'
import { Group, Snapshot } from '../../electron/contract/model.ts'
import { PortUse } from '../../electron/contract/port.ts'
import {
  CheckDocument,
  DoctorDocument,
  DuringDocument,
  ErrorDocument,
  FindingsDocument,
  HostsDocument,
  LabsDocument,
  SocketDocument,
} from '../../electron/fronts/cli/documents.ts'
import { cli } from './support/cli.ts'
import { needsRoot } from './support/conditions.ts'
import { makeNamespace } from './support/namespace.ts'
import { startSocketMaker } from './support/socket-maker.ts'

/** The text is one document of this kind. `shortfalls` may stand beside every answer about the machine. */
function expectDocument(kind: string, model: z.ZodType, text: string): void {
  const { schema, ...document } = JSON.parse(text)
  expect(schema, kind).toBe(`reuseport-inspector/${kind}/1`)
  const withSchema = kind === 'snapshot' || kind === 'comparison' ? { schema, ...document } : document
  const { shortfalls: _, ...answer } = withSchema
  const { shortfalls: __, ...parsed } = model.parse(withSchema) as Record<string, unknown>
  expect(parsed, kind).toEqual(answer)
}

function expectLines(kind: string, model: z.ZodType, text: string): void {
  const lines = text.trimEnd().split('\n')
  expect(lines.length, kind).toBeGreaterThan(0)
  for (const line of lines) expectDocument(kind, model, line)
}

beforeEach(needsRoot)

const folder = mkdtempSync(join(tmpdir(), 'rpi-documents-'))
beforeAll(() => () => rmSync(folder, { recursive: true }))

test('documents about sockets', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, command: 'maker' })
  await maker.openTogether({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], count: 2 })
  const options: ('reuseport' | 'reuseaddr')[] = ['reuseport', 'reuseaddr']
  const made = await maker.openTogether({ protocol: 'udp', address: '127.0.0.1', options, count: 2 })
  const here = ['--netns', namespace.name]
  const port = `${made[0]?.port}`
  const local = ['--protocol', 'udp', '--local', `127.0.0.1:${port}`, ...here]
  const client = ['--remote', '127.0.0.7:40000']
  const saved = join(folder, 'saved.json')
  expect((await cli('snapshot', 'save', saved, ...here)).status).toBe(0)
  const documents: [kind: string, model: z.ZodType, args: string[]][] = [
    ['snapshot', Snapshot, ['groups', ...here]],
    ['snapshot', Snapshot, ['show', `:${port}`, ...here]],
    ['comparison', Comparison, ['diff', saved, 'now', ...here]],
    ['port', PortUse, ['port', port, ...here]],
    ['probe', Probe, ['probe', ...local, ...client]],
    ['path', PacketPath, ['path', ...local, ...client]],
    ['map', SteeringMap, ['map', ...local, '--clients', '16']],
    ['balance', Balance, ['balance', `udp:127.0.0.1:${port}`, ...here, '--for', '0s']],
    ['findings', FindingsDocument, ['findings', ...here, '--for', '0s']],
    ['check', CheckDocument, ['check', `udp:127.0.0.1:${port}`, ...here, '--members', '2']],
    ['during', DuringDocument, ['during', ...here, '--calm', '100ms', '--', 'true']],
  ]
  for (const [kind, model, [command = '', ...args]] of documents)
    expectDocument(kind, model, (await cli(command, '--json', ...args)).out)
  expectLines('group', Group, (await cli('groups', ...here, '-o', 'ndjson')).out)
  expectLines('socket', SocketDocument, (await cli('sockets', ...here, '-o', 'ndjson')).out)
  expectLines('finding', FindingRow, (await cli('findings', ...here, '--for', '0s', '-o', 'ndjson')).out)
  expectLines('event', LoggedEvent, (await cli('events', ...here, '--for', '2s', '--json')).out)
})

test('documents about everything else', async () => {
  expectDocument('doctor', DoctorDocument, (await cli('doctor', '--json')).out)
  expectDocument('hosts', HostsDocument, (await cli('host', 'list', '--json')).out)
  expectDocument('labs', LabsDocument, (await cli('lab', 'list', '--json')).out)
  expectDocument(
    'recipe-run',
    RecipeRun,
    (await cli('lab', 'run', 'reuseaddr-is-not-reuseport', '--size', 'small', '--json')).out,
  )
  expectDocument('error', ErrorDocument, (await cli('show', 'nonsense', '--json')).messages)
})
