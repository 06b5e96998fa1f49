import { expect, test } from 'vitest'
import { isAtLeast, nodeProblem } from '../../../electron/launch/node-version.mjs'

test('versions are compared by their first two numbers', () => {
  expect(isAtLeast('20.19.0', '20.19')).toBe(true)
  expect(isAtLeast('24.0.1', '20.19')).toBe(true)
  expect(isAtLeast('20.18.3', '20.19')).toBe(false)
  expect(isAtLeast('18.20.8', '20.19')).toBe(false)
})

test('the message for an older Node has its version, and a command that uses a newer one', () => {
  expect(nodeProblem('20.19.0', '>=20.19')).toBeNull()
  const problem = nodeProblem('18.20.8', '>=20.19')
  expect(problem).toContain('Node.js 20.19 or later is required')
  expect(problem).toContain(' is 18.20.8.')
  expect(problem).toMatch(/npx --yes --package=node-linux-\w+@24 -- npm start$/)
})
