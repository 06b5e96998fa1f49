import { expect, test } from 'vitest'
import { LabId } from '../../../../../electron/contract/lab.ts'
import { parseLabId, parseRate, parseWholeNumber } from '../../../../../electron/fronts/cli/lab/lab-values.ts'

test('numbers, strictly', () => {
  expect(parseWholeNumber('12', 1, 20)).toBe(12)
  expect(() => parseWholeNumber('1e1', 1, 20)).toThrow(/from 1 to 20/)
  expect(() => parseWholeNumber('21', 1, 20)).toThrow(/from 1 to 20/)
  expect(parseRate('2.5')).toBe(2.5)
  expect(() => parseRate('0')).toThrow(/not a rate/)
})

test('ids', () => {
  expect(parseLabId('0a1b2c3d')).toBe(LabId.parse('0a1b2c3d'))
  for (const text of ['', '0a1b2c3', '0A1B2C3D', '127.0.0.1', '0a1b2c3d0'])
    expect(() => parseLabId(text)).toThrow(/not a lab id/)
})
