/** Which client went to which member, in every front: against clients that the test made and what received them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { RecentFlows } from '../../electron/contract/flows.ts'
import { Snapshot } from '../../electron/contract/model.ts'
import { needsBpf } from './support/bpf-reader.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { startChildEngine, startTestEngine } from './support/engine.ts'
import { type MadeSocket, startSocketMaker } from './support/socket-maker.ts'
import { runTerminal, startTerminal } from './support/terminal.ts'

const address = '127.0.0.1'
/** An address that a redacted snapshot must not have. */
const source = '127.0.0.2'
const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']

const folder = mkdtempSync(join(tmpdir(), 'rpi-flows-'))
afterAll(() => rmSync(folder, { recursive: true }))

beforeEach((context) => {
  needsRoot(context)
  needsBpf(context, 'flows')
})

/** client → cookie of the member that it went to. */
const wentTo = ({ flows }: RecentFlows) => Object.fromEntries(flows.map((flow) => [flow.port, flow.cookie]))
const truth = (clients: [string, number][], received: (string | null)[]) =>
  Object.fromEntries(clients.map(([, port], at) => [port, received[at]]))

test.each(['tcp', 'udp'] as const)('an engine says which member each %s client went to', async (protocol) => {
  await using maker = await startSocketMaker()
  await using engine = await startTestEngine({ intervalMs: 100 })
  const made = await maker.openTogether({ protocol, address, options: ['reuseport'], count: 3 })
  const port = made[0]?.port ?? 0
  const { groups } = await engine.client.snapshot({ selection: { port } })
  const id = groups[0]?.id ?? ''
  expect(groups[0]).not.toHaveProperty('recentFlows')
  const first = await engine.client.group.flows({ id })
  expect(first).toMatchObject({ recent: { given: 0, sampled: 0, flows: [] }, unknownBecause: null })
  const clients = await maker.clients({ protocol, count: 20, sources: [source] })
  const received = await maker.deliver({ address, port })
  const second = await eventually('all were sampled', async () => {
    const { recent } = await engine.client.group.flows({ id })
    return recent?.sampled === 20 ? recent : null
  })
  expect(second).toMatchObject({ given: 20 })
  expect(wentTo(second)).toEqual(truth(clients, received))
  expect(second.flows.map(({ port }) => port)).toEqual(clients.map(([, port]) => port).reverse())
})

test('`show --flows` says so; a file keeps it, and redaction hides the clients', async () => {
  await using maker = await startSocketMaker()
  const made = await maker.openTogether({ protocol: 'udp', address, options: ['reuseport'], count: 3 })
  const port = made[0]?.port ?? 0
  const shown = startTerminal(['show', `:${port}`, '--flows', '--json'])
  let ended = false
  void shown.finished.then(() => {
    ended = true
  })
  const sent = new Set<string>()
  while (!ended) {
    const clients = await maker.clients({ protocol: 'udp', count: 10, sources: [source] })
    const received = await maker.deliver({ address, port })
    for (const [at, [, from]] of clients.entries()) sent.add(`${from} ${received[at]}`)
  }
  const { status, out } = await shown.finished
  expect(status).toBe(0)
  const { groups, flowsUnknownBecause } = Snapshot.parse(JSON.parse(out))
  expect([groups.length, flowsUnknownBecause]).toEqual([1, undefined])
  const flows = groups[0]?.recentFlows?.flows ?? []
  expect(flows.length).toBeGreaterThan(0)
  for (const { address, port, cookie } of flows) {
    expect(address).toBe(source)
    expect(sent).toContain(`${port} ${cookie}`)
  }
  const [file, hidden] = [join(folder, 'flows.json'), join(folder, 'hidden.json')]
  writeFileSync(file, out)
  const page = await runTerminal(['show', file, `:${port}`])
  expect(page.out).toMatch(/^Recent clients$/m)
  expect(page.out).toContain(`${source}:${flows[0]?.port}`)
  await runTerminal(['export', file, '--redact', 'addresses', '--output', hidden])
  const redacted = readFileSync(hidden, 'utf8')
  expect(Snapshot.parse(JSON.parse(redacted)).groups[0]?.recentFlows?.flows).toHaveLength(flows.length)
  expect(redacted).not.toContain(source)
})

test('without permissions the reason is in the answers', async () => {
  await using maker = await startSocketMaker()
  const [first] = (await maker.openTogether({ protocol: 'tcp', address, options: ['reuseport'], count: 2 })) as [
    MadeSocket,
  ]
  const refused = 'it requires CAP_BPF and CAP_PERFMON, and this process lacks CAP_BPF and CAP_PERFMON'
  await using engine = await startChildEngine({ uid: 65534 })
  const snapshot = await engine.snapshot({ selection: { port: first.port }, flowsMs: 100 })
  expect(snapshot.flowsUnknownBecause).toBe(refused)
  expect(snapshot.groups[0]).not.toHaveProperty('recentFlows')
  expect(await engine.ask('group.flows', { id: snapshot.groups[0]?.id })).toEqual({
    recent: null,
    unknownBecause: refused,
  })
  const { out } = await runTerminal(['show', `:${first.port}`, '--flows'], nobody)
  expect(out.replace(/\s+/g, ' ')).toContain(`Which clients went to which member: ${refused}.`)
})
