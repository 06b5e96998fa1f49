/** Pieces give what JSON.parse gives, wherever the bytes are split; and what it refuses is refused. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonFault, JsonPieces } from '../../../../electron/engine/snapshots/json-pieces.ts'

/** All objects in these bytes, assembled from their pieces; split into chunks of these sizes, repeatedly. */
function objects(bytes: Buffer, sizes: readonly number[]): unknown[] {
  const pieces = new JsonPieces()
  const all: unknown[] = []
  let object: Record<string, unknown> = {}
  for (let at = 0, turn = 0; at < bytes.byteLength; turn++) {
    const end = at + (sizes[turn % sizes.length] ?? 1)
    for (const piece of pieces.push(bytes.subarray(at, end))) {
      if (piece.kind === 'end') {
        all.push(object)
        object = {}
      } else if (piece.kind === 'element') (object[piece.key] as unknown[])[piece.at] = piece.value
      else
        Object.defineProperty(object, piece.key, {
          value: piece.kind === 'list' ? [] : piece.value,
          enumerable: true,
          writable: true,
          configurable: true,
        })
    }
    at = end
  }
  if (!pieces.whole) throw new JsonFault('cut')
  return all
}

const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }))
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })

test('any objects, compact or with white space, in any chunks', () => {
  fc.assert(
    fc.property(
      fc.array(object, { maxLength: 3 }),
      sizes,
      fc.constantFrom(undefined, '\t', ' \r\n'),
      (values, cuts, space) => {
        const text = values.map((value) => JSON.stringify(value, null, space)).join('\n')
        expect(objects(Buffer.from(text), cuts)).toEqual(
          JSON.parse(`[${values.map((value) => JSON.stringify(value)).join()}]`),
        )
      },
    ),
    { numRuns: 500 },
  )
})

test('invalid JSON is refused, and everything else parsed as by JSON.parse', () => {
  const damage = fc.tuple(fc.nat(), fc.constantFrom(...'{}[]",:\\ 1etn\u0000é'))
  fc.assert(
    fc.property(object, fc.array(damage, { minLength: 1, maxLength: 3 }), sizes, (value, damages, cuts) => {
      let text = JSON.stringify({ list: [value, 1], value })
      for (const [place, character] of damages) {
        const at = place % text.length
        text = text.slice(0, at) + character + text.slice(at + 1)
      }
      let parsed: unknown
      try {
        parsed = JSON.parse(text)
      } catch {
        expect(() => objects(Buffer.from(text), cuts)).toThrow(JsonFault)
        return
      }
      if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return
      expect(objects(Buffer.from(text), cuts)).toEqual([parsed])
    }),
    { numRuns: 800 },
  )
})

test('a byte order mark is ignored', () => {
  expect(objects(Buffer.from('\ufeff{"a":[1]}'), [100])).toEqual([{ a: [1] }])
})

test.each([
  ['{\n"a": 1,\n"b" 2}', 'line 3, column 5'],
  ['{"a": [1,\n  {"b":\n 1 2}]}', 'line 3, column 4'],
  ['{"a": [1\n 2]}', 'line 2, column 2'],
])('%j is invalid at %s', (text, place) => {
  expect(() => objects(Buffer.from(text), [7])).toThrow(place)
})
