/** `serve --history`: what is remembered over a kill. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LoggedEvent } from '../../electron/contract/events.ts'
import { ExitStatus } from '../../electron/fronts/cli/exit-status.ts'
import { eventually } from './support/conditions.ts'
import type { Client } from './support/engine.ts'
import { startServed } from './support/serve-client.ts'
import { startSocketMaker } from './support/socket-maker.ts'
import { runTerminal } from './support/terminal.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rpi-history-'))
  file = join(folder, 'history.ndjson')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function events(client: Client, port: number): Promise<LoggedEvent[]> {
  const all: LoggedEvent[] = []
  for (let after: string | undefined; ; ) {
    const change = await client.events.changes(after === undefined ? {} : { after })
    all.push(...change.events)
    after = change.cursor
    if (!change.more) return all.filter(({ key }) => key === null || key.port === port)
  }
}

test('what happened before a kill, and meanwhile, is known to the next engine', async () => {
  const flags = ['--history', file]
  await using maker = await startSocketMaker()
  const made = await maker.openTogether({
    ...{ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], backlog: 1, count: 2 },
  })
  const port = made[0]?.port ?? 0
  const cookie = `"${made[0]?.cookie}"`
  const groupAt = async ({ snapshot }: Client) => {
    const { groups } = await snapshot({ selection: { port }, owners: false })
    if (groups[0] === undefined) throw new Error('the group is not listed')
    return groups[0]
  }
  const before = await (async () => {
    await using served = await startServed({}, { flags })
    // What is lost before the first snapshot in a new file has nothing there to be compared with.
    await eventually('the file has the group', () => existsSync(file) && readFileSync(file, 'utf8').includes(cookie))
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 40, stuck: 36 })
    const raised = await eventually('the overflow is an event', async () =>
      (await events(served.client, port)).find(
        ({ kind, finding }) => kind === 'raised' && finding?.startsWith('queue-overflowing:'),
      ),
    )
    await eventually('it is in the file', () => readFileSync(file, 'utf8').includes('"queue-overflowing"'))
    const { status, messages } = await runTerminal(['serve', '--history', file])
    expect(status).toBe(ExitStatus.Failed)
    expect(messages).toContain(`process ${served.child.pid} does so already`)
    // Disposing kills it.
    return { raised, group: await groupAt(served.client) }
  })()
  appendFileSync(file, '{"takenAt":"2026-')
  const torn = statSync(file).size
  await maker.drain()
  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 40, stuck: 36 })

  await using served = await startServed({}, { flags })
  const history = await eventually('all losses are remembered', async () => {
    const [group, answer] = await Promise.all([
      groupAt(served.client),
      served.client.history.group({ id: before.group.id }),
    ])
    return group.drops !== before.group.drops && answer.lost === group.drops ? answer : null
  })
  const sum = (parts: typeof history.steps) => parts.flatMap(({ lost }) => lost).reduce((all, one) => all + one, 0)
  expect(sum(history.steps)).toBe(history.lost)
  expect(history.members.map(({ id }) => id).sort()).toEqual(made.map(({ cookie }) => cookie).sort())
  // The finding goes on: it is no new event, and clears once.
  await maker.drain()
  for (const one of made) await maker.accept(one)
  await eventually('the finding has cleared', async () =>
    (await events(served.client, port)).some(
      ({ kind, finding }) => kind === 'cleared' && finding === before.raised.finding,
    ),
  )
  const all = await events(served.client, port)
  const again = all.filter(
    ({ kind, finding, severity }) =>
      kind === 'raised' && finding === before.raised.finding && severity === before.raised.severity,
  )
  expect(again.map(({ at, summary }) => ({ at, summary }))).toHaveLength(1)
  await eventually('the file goes on, without the torn line', () => statSync(file).size > torn)
  served.child.kill('SIGTERM')
  expect(await served.ended).toBe(0)
  const { status, out } = await runTerminal(['events', '--from', file, '--json'])
  expect(status).toBe(0)
  const recorded = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LoggedEvent)
  expect(recorded.some(({ kind, finding }) => kind === 'cleared' && finding === before.raised.finding)).toBe(true)
})
