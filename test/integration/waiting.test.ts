/** Who waits in accept queues, and for how long. */
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { eventually } from './support/conditions.ts'
import { startTestEngine } from './support/engine.ts'
import { startSocketMaker } from './support/socket-maker.ts'

test('connections that no process accepts are named with their age, also after their client closed', async () => {
  await using engine = await startTestEngine()
  await using maker = await startSocketMaker()
  const made = await maker.openTogether({
    ...{ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], backlog: 10, count: 2 },
  })
  const port = made[0]?.port ?? 0
  const { groups } = await engine.client.snapshot({ selection: { port }, owners: false })
  const id = groups[0]?.id ?? ''
  const waiting = () => engine.client.group.waiting({ id })
  expect(await waiting()).toEqual({ connections: 0, abandoned: 0, oldestMs: null, oldest: [] })

  const clients: Socket[] = []
  const opened: number[] = []
  const began = performance.now()
  for (let count = 0; count < 3; count++) {
    const client = connect(port, '127.0.0.1')
    await new Promise((resolve) => client.once('connect', resolve))
    clients.push(client)
    opened.push(performance.now())
  }
  const ports = clients.map(({ localPort }) => localPort)
  const asked = performance.now()
  const answer = await waiting()
  const answered = performance.now()
  expect(answer?.connections).toBe(3)
  expect(answer?.oldest.map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1'])
  expect(answer?.oldest.map((one) => one.port).sort()).toEqual([...ports].sort())
  for (const { port, waitedMs } of answer?.oldest ?? []) {
    const at = opened[ports.indexOf(port)] ?? 0
    // The kernel's clock counts in jiffies, of 10 ms at most.
    expect(waitedMs).toBeGreaterThanOrEqual(asked - at - 20)
    expect(waitedMs).toBeLessThanOrEqual(answered - began + 20)
  }
  expect(answer?.oldestMs).toBe(answer?.oldest[0]?.waitedMs)

  clients[0]?.end()
  const left = await eventually('one client has closed', async () => {
    const now = await waiting()
    return now?.abandoned === 1 ? now : null
  })
  expect(left.oldest.find(({ abandoned }) => abandoned)?.port).toBe(ports[0])
  for (const one of made) await maker.accept(one)
  await eventually('they are accepted', async () => (await waiting())?.connections === 0)
  for (const client of clients) client.destroy()
})
