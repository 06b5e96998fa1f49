/** Ground truth: the scenes of the integration tests, all at once, as root and as another user. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Snapshot } from '../../../electron/contract/model.ts'
import { makeNamespace, type TestNamespace } from '../../integration/support/namespace.ts'
import { scenes } from '../../integration/support/scenes.ts'
import { type MakerOptions, type SocketMaker, startSocketMaker } from '../../integration/support/socket-maker.ts'
import { groupsIn, type PlainGroup, sorted } from '../../integration/support/truth.ts'
import { asListed } from './kernel.ts'
import { json, NOBODY } from './product.ts'

const users = [
  { name: 'root', uid: 0 },
  { name: 'another user', uid: NOBODY },
]

for (const { name, uid } of users) {
  describe(`groups, as ${name}`, () => {
    const own = scenes.filter(({ severalUsers }) => uid === 0 || severalUsers !== true)
    const makers: SocketMaker[] = []
    const truth = new Map<string, PlainGroup[]>()
    let namespace: TestNamespace
    let seen: PlainGroup[]

    before(async () => {
      namespace = await makeNamespace()
      // Starting one takes its time in an emulated machine: scenes share those that are alike.
      const known = new Map<string, Promise<SocketMaker>>()
      const startMaker = (options: Omit<MakerOptions, 'netns'> = {}) => {
        const name = JSON.stringify(options)
        const maker = known.get(name) ?? startSocketMaker({ netns: namespace.name, uid, ...options })
        known.set(name, maker)
        return maker
      }
      const forking = own.filter(({ forks }) => forks)
      const startForking = () => startSocketMaker({ netns: namespace.name, uid })
      const [shared, ...others] = await Promise.all([startMaker(), ...forking.map(startForking)])
      makers.push(...others)
      for (const scene of own) {
        const maker = others[forking.indexOf(scene)] ?? shared
        truth.set(scene.name, await scene.make({ namespace, maker, startMaker }))
      }
      makers.push(...(await Promise.all(known.values())))
      const args = ['groups', '--all', '--netns', String(namespace.inode)]
      const place = uid === 0 ? {} : { uid, netns: namespace.name }
      seen = groupsIn(await json<Snapshot>(args, place), namespace.inode)
    })
    after(async () => {
      for (const maker of makers) await maker.end()
      await namespace.remove()
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
}
