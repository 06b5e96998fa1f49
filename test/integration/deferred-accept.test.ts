/** A listener's drop counter is a number of losses only if it certainly counts nothing else. */
import { expect, test } from 'vitest'
import type { Snapshot } from '../../electron/contract/model.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { startChildEngine } from './support/engine.ts'
import { makeNamespace } from './support/namespace.ts'
import { startSocketMaker } from './support/socket-maker.ts'

const NOBODY = 65534

test('losses are unknown with deferred accept, and with unreadable options beside one that has it', async (context) => {
  needsRoot(context)
  await using namespace = await makeNamespace()
  await using maker = await startSocketMaker({ netns: namespace.name })
  const spec = { protocol: 'tcp' as const, address: '127.0.0.1', options: ['reuseport' as const] }
  const losing = await maker.openTogether({ ...spec, backlog: 1 }, { ...spec, backlog: 1 })
  const deferring = await maker.openTogether({ ...spec, deferAccept: true }, spec)
  const engines = await Promise.all(
    [undefined, NOBODY].map((uid) =>
      startChildEngine({ netns: namespace.path, ...(uid === undefined ? {} : { uid }) }),
    ),
  )
  const [asRoot, asNobody] = engines
  if (asRoot === undefined || asNobody === undefined) throw new Error('two engines were started')
  const dropsAt = ({ groups }: Snapshot, made: { port: number; cookie: string }[]) => {
    const group = groups.find(({ port }) => port === made[0]?.port)
    const members = made.map((one) => group?.members.find(({ cookie }) => cookie === one.cookie)?.drops)
    return { group: group?.drops, members }
  }
  const selection = { netns: String(namespace.inode), all: true }
  try {
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: losing[0]?.port ?? 0, count: 40, stuck: 36 })
    // No listener of the namespace has waited out an ACK: the counts are losses, whatever their options are.
    const lost = dropsAt(await asNobody.snapshot({ selection }), losing)
    expect(lost.group).toBeGreaterThan(0)
    expect(lost.members.reduce<number>((sum, drops) => sum + (drops ?? 0), 0)).toBe(lost.group)

    // Silent clients: sixteen for two members, so that one of them has none once in 65,536 runs.
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port: deferring[0]?.port ?? 0, count: 16 })
    // The last ACK is counted a moment after its client is connected.
    await eventually('the ACKs are counted', async () => {
      const { members } = dropsAt(await asRoot.snapshot({ selection }), deferring)
      return members[0] === null && members[1] === 0
    })
    const seen = dropsAt(await asRoot.snapshot({ selection }), losing)
    expect(seen.group).toBeGreaterThanOrEqual(lost.group ?? 0)
    expect(dropsAt(await asRoot.snapshot({ selection }), deferring)).toEqual({ group: null, members: [null, 0] })

    const unknown = await asNobody.snapshot({ selection })
    expect(dropsAt(unknown, losing).group).toBeNull()
    // The second one has no count, so it lost nothing.
    expect(dropsAt(unknown, deferring)).toEqual({ group: null, members: [null, 0] })
  } finally {
    await Promise.all(engines.map((engine) => engine.end()))
  }
})
