import { expect, test } from 'vitest'
import { FINDING_TAGS } from '../../../electron/contract/finding-tags.ts'
import { FindingCode } from '../../../electron/contract/model.ts'

test('the types of findings are in the order of their importance here too, by which fronts sort', () => {
  expect(Object.keys(FINDING_TAGS)).toEqual(FindingCode.options)
})
