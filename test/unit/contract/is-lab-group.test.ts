/** Which groups are tagged as lab groups. */
import { expect, test } from 'vitest'
import { isLabGroup, LAB_COMMAND } from '../../../electron/contract/constants.ts'

const owner = (command: string) => ({ command, processes: 1, service: null })

test.each([
  ['all belong to the lab', [owner(LAB_COMMAND)], 0, true],
  ['another process is among them', [owner(LAB_COMMAND), owner('nginx')], 0, false],
  ['one is hidden', [owner(LAB_COMMAND)], 1, false],
  ['all are hidden', [], 4, false],
  ['none holds it', [], 0, false],
])('%s', (_, owners, ownersHidden, ours) => {
  expect(isLabGroup({ owners, ownersHidden })).toBe(ours)
})
