/** "Full" matches the queues that the kernel itself refuses to fill further. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MemberRow } from '../../electron/contract/live.ts'
import { isFullMember } from '../../renderer/features/group/utilization.ts'
import { needsRoot } from './support/conditions.ts'
import { startTestEngine, type TestEngine } from './support/engine.ts'
import { makeNamespace, type TestNamespace } from './support/namespace.ts'
import { GroupReader } from './support/readers.ts'
import { type MadeSocket, type SocketMaker, startSocketMaker } from './support/socket-maker.ts'

let engine: TestEngine
let namespace: TestNamespace
let maker: SocketMaker
beforeEach(async (context) => {
  needsRoot(context)
  engine = await startTestEngine({ intervalMs: 100 })
  namespace = await makeNamespace()
  maker = await startSocketMaker({ netns: namespace.name })
})
afterEach(async () => {
  await engine?.close()
  await maker?.end()
  await namespace?.remove()
})

/** The member of the only socket, read between two fillings until `condition` holds for it. */
async function readUntil(
  { cookie, port }: MadeSocket,
  fill: () => Promise<unknown>,
  condition: (row: MemberRow) => boolean,
): Promise<MemberRow> {
  const { groups } = await engine.client.snapshot({ selection: { port, netns: namespace.name, all: true } })
  const reader = new GroupReader(engine.client, groups[0]?.id ?? '')
  let row: MemberRow | undefined
  while (row === undefined || !condition(row)) {
    await fill()
    await reader.sweep()
    row = reader.members.get(cookie)
  }
  return row
}

describe('a receive queue', () => {
  // Many small datagrams, some that leave a gap, and some of which barely two fit.
  test.each([
    { rcvbuf: 106_496, bytes: 100 },
    { rcvbuf: 106_496, bytes: 60_000 },
    { rcvbuf: 4096, bytes: 900 },
    { rcvbuf: 4096, bytes: 3000 },
    { rcvbuf: 4096, bytes: 9000 },
  ])('that drops datagrams of $bytes bytes is full, whatever gap is left', async ({ rcvbuf, bytes }) => {
    const [made] = await maker.open({ protocol: 'udp', address: '127.0.0.1', options: ['reuseport'], rcvbuf })
    if (made === undefined) throw new Error('no socket was made')
    const to = { protocol: 'udp', address: '127.0.0.1', port: made.port } as const
    const row = await readUntil(
      made,
      () => maker.fill({ ...to, count: 1500, bytes }),
      ({ dropsPerSecond }) => (dropsPerSecond ?? 0) > 0,
    )
    expect({ ...row.queue, full: isFullMember(row) }).toMatchObject({ full: true })
  })

  test('with room left is not', async () => {
    const [made] = await maker.open({ protocol: 'udp', address: '127.0.0.1', options: ['reuseport'], rcvbuf: 106_496 })
    if (made === undefined) throw new Error('no socket was made')
    await maker.fill({ protocol: 'udp', address: '127.0.0.1', port: made.port, count: 60, bytes: 900 })
    const row = await readUntil(
      made,
      async () => undefined,
      ({ dropsPerSecond }) => dropsPerSecond !== null,
    )
    expect(row.queue.length).toBeGreaterThan(0.5 * (row.queue.limit ?? 0))
    expect(isFullMember(row)).toBe(false)
  })
})

describe('an accept queue', () => {
  test('is full with one more than its limit, not before', async () => {
    const [made] = await maker.open({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'], backlog: 4 })
    if (made === undefined) throw new Error('no socket was made')
    const to = { protocol: 'tcp', address: '127.0.0.1', port: made.port } as const
    await maker.fill({ ...to, count: 4 })
    const holds = (length: number) =>
      readUntil(
        made,
        async () => undefined,
        (row) => row.queue.length === length,
      )
    expect(isFullMember(await holds(4))).toBe(false)
    await maker.fill({ ...to, count: 1 })
    expect(isFullMember(await holds(5))).toBe(true)
  })
})
