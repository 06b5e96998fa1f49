/** What every front says of a group that a program steers: targets, what cannot be picked, and what was really given. */
import { beforeEach, expect, test } from 'vitest'
import { Balance } from '../../electron/contract/analysis.ts'
import { Lab } from '../../electron/contract/lab.ts'
import { needsBpf } from './support/bpf-reader.ts'
import { needsRoot } from './support/conditions.ts'
import { startTestEngine } from './support/engine.ts'
import { followFindings } from './support/findings.ts'
import { listening, sent } from './support/labs.ts'
import { GroupReader } from './support/readers.ts'
import { runTerminal } from './support/terminal.ts'

beforeEach((context) => {
  needsRoot(context)
  needsBpf(context, 'groups')
  needsBpf(context, 'count')
})

const local = '127.0.0.1'

test('a socket array that holds the old sockets: targets, shares and the members that it misses', async () => {
  await using engine = await startTestEngine({ intervalMs: 100 })
  const { client } = engine
  const request = { protocol: 'tcp', listeners: 3, backlog: 1024, steering: 'sock-array' } as const
  const { id, port, netns } = await client.lab.listen(listening(request))
  await client.lab.add({ id })
  const lab = Lab.parse(await client.lab.add({ id }))
  const cookies = lab.members.map(({ cookie }) => cookie)
  const [old, fresh] = [cookies.slice(0, 3), cookies.slice(3)]
  const selection = { port, protocol: 'tcp', all: false } as const

  const { groups } = await client.snapshot({ selection })
  expect(groups).toHaveLength(1)
  const [group] = groups
  expect(group?.kernelGroups).toMatchObject([
    {
      members: cookies,
      program: {
        kind: 'extended',
        name: 'lab_sock_array',
        type: 21,
        maps: [{ name: 'lab_sockets', type: 20, maxEntries: 3, places: old.map((cookie, key) => ({ key, cookie })) }],
      },
    },
  ])
  const finding = await followFindings(client, netns).raised('program-misses-members', port)
  expect(finding).toMatchObject({ severity: 'warning' })
  expect(new Set(finding.members)).toEqual(new Set(fresh))

  const groupId = group?.id ?? ''
  const reader = new GroupReader(client, groupId)
  await reader.until('counting has begun', () => reader.row?.given !== undefined && reader.row.receiving === 5)
  const { workers, traffic } = Lab.parse(await sent(client, { id, count: 300 }))
  expect(traffic).toMatchObject({ done: 300, resets: 0 })
  const received = workers.map((worker) => worker.received)
  expect(received.slice(3)).toEqual([0, 0])
  await reader.until('every connection was counted', () => reader.row?.given?.count === 300)
  const balance = Balance.parse(await client.group.balance({ id: groupId }))
  expect(balance).toMatchObject({ verdict: 'program', flows: null, given: { total: 300, min: 0 } })
  expect(Object.fromEntries(balance.members.map(({ cookie, given }) => [cookie, given]))).toEqual(
    Object.fromEntries(cookies.map((cookie, at) => [cookie, received[at]])),
  )
  // Members are numbered in the order of their cookies, which is not that in which they were opened.
  const ordered = group?.members.map(({ cookie }) => cookie) ?? []
  const targets = `Its map has 3 of 5 members: ${old.map((cookie) => `member ${ordered.indexOf(cookie) + 1}`).join(', ')}.`
  expect(balance.warnings.join(' ')).toContain(targets)
  // No member is named where only the kernel can run the program.
  const probe = await client.steering.probe({
    protocol: 'tcp',
    local: { address: local, port },
    remote: { address: local, port: 40_000 },
  })
  expect(probe).toMatchObject({ steeredBy: 'program', member: null })
  expect(probe.reason).toContain(targets)
  const page = await runTerminal(['show', `:${port}`])
  expect(page.out).toContain('2 members of 5 under no key')

  // One of the old ones closes: where its key is chosen, the hash picks among all that are left.
  await client.lab.member({ id, member: 0, action: 'close' })
  const partly = Lab.parse(await sent(client, { id, count: 300 }))
  expect(partly.traffic).toMatchObject({ done: 300, resets: 0 })
  const fromHash = partly.workers.slice(3).map((worker) => worker.received)
  for (const [at, count] of fromHash.entries()) expect(count, `new member ${at}`).toBeGreaterThan(0)

  // All of them close: nothing is in the array, and the hash decides among those that are left.
  received.splice(0, 3, ...partly.workers.slice(0, 3).map((worker) => worker.received))
  for (const member of [1, 2]) await client.lab.member({ id, member, action: 'close' })
  const after = Lab.parse(await sent(client, { id, count: 300 }))
  expect(after.workers.map((worker) => worker.received).slice(0, 3)).toEqual(received.slice(0, 3))
  expect(after.traffic).toMatchObject({ done: 300, resets: 0 })
  const left = await client.snapshot({ selection })
  expect(left.groups[0]?.kernelGroups).toMatchObject([{ program: { maps: [{ places: [] }] } }])
  // That is what the probe, the map, the balance and the finding say.
  const flow = { protocol: 'tcp', local: { address: local, port } } as const
  const hashed = await client.steering.probe({ ...flow, remote: { address: local, port: 40_000 } })
  expect(hashed).toMatchObject({ steeredBy: 'hash' })
  expect(fresh).toContain(hashed.member?.cookie)
  expect(hashed.reason).toContain('can pick no member: its map has none of the 2. The hash picks')
  const map = await client.steering.map({ ...flow, clients: 1000 })
  expect(map).toMatchObject({ undetermined: 0, unserved: 0, spread: { members: 2, total: 1000 } })
  const spread = Balance.parse(await client.group.balance({ id: groupId }))
  expect(spread.verdict).not.toBe('program')
  expect(spread.flows).toMatchObject({ members: 2 })
  await followFindings(client, netns).until('the finding says that the hash serves', (rows) =>
    rows.some(({ code, summary }) => code === 'program-misses-members' && summary.includes('can pick none of its 2')),
  )
})
