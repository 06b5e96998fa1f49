import { expect, test } from 'vitest'
import { isAtLeast, nodeProblem } from '../../../electron/launch/node-version.mjs'

test('a version is the wanted one or later by its first two numbers', () => {
  expect(isAtLeast('20.19.0', '20.19')).toBe(true)
  expect(isAtLeast('24.0.1', '20.19')).toBe(true)
  expect(isAtLeast('20.18.3', '20.19')).toBe(false)
  expect(isAtLeast('18.20.8', '20.19')).toBe(false)
})

test('an older Node is named by its version, with a command that has a newer one', () => {
  expect(nodeProblem('20.19.0', '>=20.19')).toBeNull()
  const problem = nodeProblem('18.20.8', '>=20.19')
  expect(problem).toContain('needs Node.js 20.19 or later')
  expect(problem).toContain(' is 18.20.8.')
  expect(problem).toMatch(/npx --yes --package=node-linux-\w+@24 -- npm start$/)
})
