/** Which groups carry the mark of the lab. */
import { expect, test } from 'vitest'
import { LAB_COMMAND } from '../../../../electron/contract/meaning.ts'
import { isOurs } from '../../../../renderer/lab/ours.ts'

const owner = (command: string) => ({ command, processes: 1, service: null })

test.each([
  ['all are ours', [owner(LAB_COMMAND)], 0, true],
  ['somebody else is among them', [owner(LAB_COMMAND), owner('nginx')], 0, false],
  ['one cannot be seen', [owner(LAB_COMMAND)], 1, false],
  ['none can be seen', [], 4, false],
  ['nobody holds it', [], 0, false],
])('%s', (_, owners, ownersHidden, ours) => {
  expect(isOurs({ owners, ownersHidden })).toBe(ours)
})
