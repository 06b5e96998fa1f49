/** Which members an attached program can pick. */
import { describe, expect, test } from 'vitest'
import { placesMissed, programDecides } from '../../../electron/contract/program-targets.ts'
import { byCpu, extended, extendedWith, group, returning } from '../../doubles/steering-programs.ts'

describe('members that are never picked', () => {
  test.each([
    ['without a program', group(null), null],
    ['beyond what a classic program returns', group(byCpu(2)), [2, 3]],
    ['for a constant', group(returning(1)), [0, 2, 3]],
    ['none where each is returned', group(byCpu(4)), []],
    ['under no key', group(extended('2', '9')), [0, 2, 3]],
    ['unknown where a place of the map is', group(extended('2', null)), null],
    ['unknown where it has more keys than are read', group(extendedWith({ maxEntries: 40_000 })), null],
    ['unknown where it returns a place', group({ ...extended('2'), type: 1 }), null],
    ['unknown where it also has maps in a map', group(extendedWith({}, 12)), null],
    ['unknown where it also has a SOCKMAP', group(extendedWith({}, 15)), null],
    ['none because of a plain array beside', group(extendedWith({}, 2)), [0, 2, 3]],
  ])('%s', (_, kernel, missed) => {
    expect(placesMissed(kernel)).toEqual(missed)
  })
})

test('a program decides unless no result of it is a member', () => {
  expect(programDecides([])).toBe(false)
  expect(programDecides([group(null)])).toBe(false)
  expect(programDecides([group(returning(3))])).toBe(true)
  expect(programDecides([group(returning(4))])).toBe(false)
  expect(programDecides([group(extended('4'))])).toBe(true)
  expect(programDecides([group(extended('9'))])).toBe(false)
  expect(programDecides([group(extended('9')), group(extended('1'))])).toBe(true)
  // What it picks is not known.
  expect(programDecides([group(extended(null))])).toBe(true)
})
