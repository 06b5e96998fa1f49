/** The maker itself, compared with `ss`: an independent check of the ground truth of other tests. */
import { existsSync } from 'node:fs'
import { beforeEach, expect, test } from 'vitest'
import { eventually, needsRoot } from './support/conditions.ts'
import { makeNamespace } from './support/namespace.ts'
import { startSocketMaker } from './support/socket-maker.ts'
import { readSs } from './support/ss.ts'

beforeEach(needsRoot)

test('the sockets that the maker reports are those in ss', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name, uid: 33 })
  const made = [
    ...(await maker.openTogether({ protocol: 'tcp', options: ['reuseport'], count: 3, backlog: 9 })),
    ...(await maker.open({ protocol: 'udp', family: 6, address: '::1', interface: 'lo', rcvbuf: 5000 })),
  ]
  const seen = await readSs(namespace.name)
  expect(
    seen.map(({ cookie, inode, port, uid, rcvbuf }) => ({ cookie, inode, port, uid, rcvbuf })).sort(byCookie),
  ).toEqual(made.map(({ cookie, inode, port, uid, rcvbuf }) => ({ cookie, inode, port, uid, rcvbuf })).sort(byCookie))
  expect(seen.find((socket) => socket.protocol === 'udp')?.interface).toBe('lo')
})

test('queues are filled and emptied on request', async () => {
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const [listener] = await maker.open({ protocol: 'tcp', address: '127.0.0.1', backlog: 20 })
  const [receiver] = await maker.open({ protocol: 'udp', address: '127.0.0.1' })
  if (!listener || !receiver) throw new Error('no socket was made')
  const length = async (protocol: string) =>
    (await readSs(namespace.name)).find((socket) => socket.protocol === protocol)?.receiveQueue
  await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: listener.port, count: 5 })
  expect(await length('tcp')).toBe(5)
  await maker.accept(listener, 2)
  expect(await length('tcp')).toBe(3)
  await maker.fill({ protocol: 'udp', address: '127.0.0.1', port: receiver.port, count: 3 })
  expect(await length('udp')).toBeGreaterThan(300)
})

test('the children and sockets of a maker end with it', async () => {
  await using namespace = await makeNamespace()
  const maker = await startSocketMaker({ netns: namespace.name })
  await maker.open({ protocol: 'tcp', address: '127.0.0.1' })
  const [child] = await maker.fork()
  const churn = await maker.churn({ socket: { protocol: 'tcp', address: '127.0.0.1' }, rate: 200 })
  await eventually('something was opened', async () => (await churn.opened()) > 100)
  await maker.end()
  await eventually('every process is gone', () => ![child, churn.pid].some((pid) => existsSync(`/proc/${pid}`)))
  await eventually('every socket is gone', async () => (await readSs(namespace.name)).length === 0)
})

function byCookie(a: { cookie: string }, b: { cookie: string }): number {
  return a.cookie < b.cookie ? -1 : 1
}
