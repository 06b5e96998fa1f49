/** An array is validated up to the first error; otherwise it behaves as `z.array`. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import { list } from '../../../electron/contract/list.ts'

const shape = (of: <T extends z.ZodType>(element: T) => z.ZodArray<T>) =>
  z.object({ a: of(z.object({ b: of(z.number().int()).min(1).max(3).optional() })), c: of(z.string()).default([]) })
const [ours, theirs] = [shape(list), shape((element) => z.array(element))]

test('one issue for any number of invalid elements, at its index', () => {
  const wrong = Array.from({ length: 1_000_000 }, () => 1)
  const result = list(z.string()).safeParse(['a', ...wrong])
  expect(result.error?.issues).toMatchObject([{ code: 'invalid_type', expected: 'string', path: [1] }])
})

test.each([
  { a: [] },
  { a: [{ b: [1, 2] }], c: ['x'] },
  { a: [{ b: [1], unknown: 1 }] },
  { a: 1 },
  { a: [{ b: [] }] },
  { a: [{ b: [1, 2, 3, 4] }] },
  { a: [{}, { b: [1, 'x'] }] },
  { a: [], c: [null] },
])('%j is accepted or refused as by z.array', (value) => {
  const [mine, other] = [ours.safeParse(value), theirs.safeParse(value)]
  expect(mine.data).toEqual(other.data)
  expect(mine.error?.issues).toEqual(other.error?.issues)
})

test('has the same JSON Schema', () => {
  expect(z.toJSONSchema(ours)).toEqual(z.toJSONSchema(theirs))
})
