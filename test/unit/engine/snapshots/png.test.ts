/** The image as pixels: complete, with its text, whatever the names. */
import { inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Snapshot } from '../../../../electron/contract/model.ts'
import { png } from '../../../../electron/engine/snapshots/exports/png.ts'
import { partsOf } from '../../../../electron/engine/snapshots/parts.ts'
import { hostileNames } from '../../../doubles/hostile-names.ts'
import { aGroup, aMember, aSnapshot } from '../../../doubles/snapshots.ts'

/** Chunks of a PNG (specification, 5.3). */
function chunksOf(bytes: Buffer): { type: string; data: Buffer }[] {
  expect(bytes.subarray(0, 8)).toEqual(Buffer.from('89504e470d0a1a0a', 'hex'))
  const chunks: { type: string; data: Buffer }[] = []
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    chunks.push({ type: bytes.toString('latin1', at + 4, at + 8), data: bytes.subarray(at + 8, at + 8 + length) })
    at += 12 + length
  }
  return chunks
}

async function drawn(snapshot: Snapshot) {
  const pieces: Uint8Array[] = []
  for await (const piece of png(partsOf(snapshot))) pieces.push(piece)
  const chunks = chunksOf(Buffer.concat(pieces))
  const header = chunks[0]?.data ?? Buffer.alloc(8)
  const pixels = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)))
  return {
    types: [...new Set(chunks.map(({ type }) => type))],
    width: header.readUInt32BE(0),
    height: header.readUInt32BE(4),
    pixels,
  }
}

function heldBy(command: string): Snapshot {
  const holders = [{ pid: 1, fds: [3], command, startedAt: null }]
  return aSnapshot({ groups: [aGroup({ members: [aMember({ holders })] })] })
}

test('it is twice as large as the SVG, and contains only pixels', async () => {
  const { types, width, height } = await drawn(heldBy('nginx'))
  expect(types).toEqual(['IHDR', 'IDAT', 'IEND'])
  expect([width, height]).toEqual([1920, 2 * (84 + 34 + 12)])
})

test.each([
  ['letters', 'nginx', 'mginx'],
  ['Greek', 'αβγ', 'αβδ'],
  ['Cyrillic', 'сервер', 'сервен'],
  ['Arabic', 'خادم', 'خادن'],
])('text is drawn without any font of the machine: %s', async (_, one, other) => {
  const [a, b] = [await drawn(heldBy(one)), await drawn(heldBy(other))]
  expect(a.pixels.equals(b.pixels)).toBe(false)
})

describe.each(hostileNames.map((name) => [name]))('%j', (name) => {
  test('is drawn', async () => {
    const { types, width } = await drawn(heldBy(name))
    expect({ types, width }).toEqual({ types: ['IHDR', 'IDAT', 'IEND'], width: 1920 })
  })
})
