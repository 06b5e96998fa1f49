/** Ground truth: the scenes of the integration tests, all at once. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { scenes } from '../../integration/support/scenes.ts'
import { type MakerOptions, type SocketMaker, startSocketMaker } from '../../integration/support/socket-maker.ts'
import { groupsIn, type PlainGroup, sorted } from '../../integration/support/truth.ts'
import { asListed } from './kernel.ts'
import { isRoot, namespace, theEngine, uid } from './user.ts'

describe('groups', () => {
  const own = scenes.filter(({ severalUsers }) => isRoot || severalUsers !== true)
  const makers: SocketMaker[] = []
  const truth = new Map<string, PlainGroup[]>()
  let seen: PlainGroup[]

  before(async () => {
    const engine = theEngine()
    // Starting one takes its time in an emulated machine: scenes share those that are alike.
    const known = new Map<string, Promise<SocketMaker>>()
    const startMaker = (options: Omit<MakerOptions, 'netns'> = {}) => {
      const name = JSON.stringify(options)
      const maker = known.get(name) ?? startSocketMaker({ uid, ...options })
      known.set(name, maker)
      return maker
    }
    const forking = own.filter(({ forks }) => forks)
    const [shared, ...others] = await Promise.all([startMaker(), ...forking.map(() => startSocketMaker({ uid }))])
    makers.push(...others)
    for (const scene of own) {
      const maker = others[forking.indexOf(scene)] ?? shared
      truth.set(scene.name, await scene.make({ namespace, maker, startMaker }))
    }
    makers.push(...(await Promise.all(known.values())))
    const { client, port } = await engine
    const snapshot = await client.snapshot({ selection: { netns: String(namespace.inode), all: true } })
    // The engine that answers listens there too.
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

  test('nothing else is seen', () => {
    const made = new Set([...truth.values()].flat().map(({ port }) => port))
    assert.deepEqual(
      seen.filter(({ port }) => !made.has(port)),
      [],
    )
  })
})
