/** What is saved is what is opened, whatever it contains. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Snapshot } from '../../../../electron/contract/model.ts'
import { gzipped, snapshotJson } from '../../../../electron/engine/snapshots/encode.ts'
import { partsOf } from '../../../../electron/engine/snapshots/parts.ts'
import { snapshotOf } from '../../../../electron/engine/snapshots/read.ts'
import { arbitrarySnapshot } from '../../../doubles/arbitrary-snapshot.ts'
import { aGroup, aMember, aSnapshot } from '../../../doubles/snapshots.ts'

async function* bytes(text: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const piece of text) yield Buffer.from(piece)
}
const open = (source: AsyncIterable<Uint8Array>) => snapshotOf('a file', source)
const plain = (snapshot: Snapshot) => bytes(snapshotJson(partsOf(snapshot)))
const compressed = (snapshot: Snapshot) => gzipped(snapshotJson(partsOf(snapshot)))

test('plain and compressed', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySnapshot, async (snapshot) => {
      expect(await open(plain(snapshot))).toEqual(snapshot)
      expect(await open(compressed(snapshot))).toEqual(snapshot)
    }),
    { numRuns: 60 },
  )
})

test('of more text than one chunk holds, one group per line', async () => {
  const members = Array.from({ length: 500 }, (_, at) => aMember({ cookie: String(at) }))
  const groups = Array.from({ length: 20 }, (_, at) => aGroup({ id: at.toString(16).padStart(16, '0'), members }))
  const snapshot = aSnapshot({ groups })
  expect(await open(compressed(snapshot))).toEqual(snapshot)
  let text = ''
  let pieces = 0
  for await (const piece of snapshotJson(partsOf(snapshot))) {
    text += piece
    pieces++
  }
  expect(pieces).toBeGreaterThan(5)
  expect(text.trimEnd().split('\n')).toHaveLength(groups.length + 2)
})

test('a failing source makes compression fail with its own error', async () => {
  async function* failing() {
    yield 'some'
    throw new Error('the machine went away')
  }
  await expect(async () => {
    for await (const _ of gzipped(failing()));
  }).rejects.toThrow('the machine went away')
})
