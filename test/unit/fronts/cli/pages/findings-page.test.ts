import { expect, test } from 'vitest'
import { findingsPage } from '../../../../../electron/fronts/cli/pages/findings-page.ts'
import { plainText } from '../../../../../electron/fronts/cli/text.ts'
import { aFinding } from '../../../../doubles/findings.ts'
import { groupRow } from '../../../../doubles/group-rows.ts'

const namespaces = [
  { inode: 1, name: 'this namespace', self: true },
  { inode: 2, name: 'blue', self: false },
]
const page = (netns: number[], change = {}) =>
  findingsPage(
    netns.map((inode) => aFinding({}, groupRow({ netns: inode }))),
    { muted: 0, watchedMs: 15_000, namespaces, ...change },
    100,
  ).map(plainText)

test('a finding names the network namespace of its group unless it is this one', () => {
  expect(page([1])[0]).not.toContain('in ')
  expect(page([2])[0]).toMatch(/ {2}in blue$/)
  expect(page([3])[0]).toMatch(/ {2}in 3$/)
})

test('after a short time the page says what it cannot detect, with or without findings', () => {
  const hint = /stuck queue takes longer/
  for (const found of [[], [1]]) {
    expect(page(found, { watchedMs: 4000 }).join('\n')).toMatch(hint)
    expect(page(found).join('\n')).not.toMatch(hint)
  }
})
