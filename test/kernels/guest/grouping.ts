/** Ground truth: the scenarios of the integration tests, all at once. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { scenarios } from '../../integration/support/scenarios.ts'
import { type MakerOptions, type SocketMaker, startSocketMaker } from '../../integration/support/socket-maker.ts'
import { groupsIn, type PlainGroup, sorted } from '../../integration/support/truth.ts'
import { asListed } from './kernel.ts'
import { isRoot, namespace, sharedEngine, uid } from './user.ts'

describe('groups', () => {
  const own = scenarios.filter(({ severalUsers }) => isRoot || severalUsers !== true)
  const makers: SocketMaker[] = []
  const truth = new Map<string, PlainGroup[]>()
  let seen: PlainGroup[]

  before(async () => {
    const engine = sharedEngine()
    // Starting a maker is slow in an emulated machine: one maker opens all sockets of a user.
    const known = new Map<number, Promise<SocketMaker>>()
    const startMaker = (options: Omit<MakerOptions, 'netns'> = {}) => {
      const owner = options.uid ?? uid
      const maker = known.get(owner) ?? startSocketMaker({ ...options, uid: owner })
      known.set(owner, maker)
      return maker
    }
    const maker = await startMaker()
    for (const scene of own) truth.set(scene.name, await scene.make({ namespace, maker, startMaker }))
    makers.push(...(await Promise.all(known.values())))
    const { client, port } = await engine
    const snapshot = await client.snapshot({ selection: { netns: String(namespace.inode), all: true } })
    // The engine listens there too.
    seen = groupsIn(snapshot, namespace.inode).filter((group) => group.port !== port)
  })
  after(async () => {
    for (const maker of makers) await maker.end()
  })

  for (const scene of own) {
    test(scene.name, () => {
      const expected = truth.get(scene.name) ?? []
      const ports = new Set(expected.map(({ port }) => port))
      assert.deepEqual(sorted(seen.filter(({ port }) => ports.has(port))), sorted(asListed(expected)))
    })
  }

  test('no other sockets are listed', () => {
    const made = new Set([...truth.values()].flat().map(({ port }) => port))
    assert.deepEqual(
      seen.filter(({ port }) => !made.has(port)),
      [],
    )
  })
})
