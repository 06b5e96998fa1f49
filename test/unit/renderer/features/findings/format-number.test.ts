import { expect, test } from 'vitest'
import { nameText, numberText } from '../../../../../renderer/features/findings/format-number.ts'

test.each([
  [1482, null, ['1,482', '']],
  [512, 'connections', ['512', 'connections']],
  [212_992, 'bytes', ['208', 'KiB']],
  [90, 's', ['90 s', '']],
  [0.0625, null, ['0.0625', '']],
  [1.2345, null, ['1.23', '']],
  [1e-9, null, ['<0.001', '']],
  [0, null, ['0', '']],
])('%s %s', (value, unit, text) => {
  expect(numberText(value, unit)).toEqual(text)
})

test.each([
  ['members with a stuck queue', 'Members with a stuck queue'],
  ['connections', 'Connections'],
  ['most, as a multiple of its share', 'Most, as a multiple of its share'],
  ['net.core.somaxconn', 'net.core.somaxconn'],
  ["Jain's index", "Jain's index"],
  ['chi-square', 'chi-square'],
])('%s', (name, text) => {
  expect(nameText(name)).toBe(text)
})
