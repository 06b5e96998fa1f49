import { expect, test } from 'vitest'
import { markup } from '../../../../../electron/engine/snapshots/index.ts'
import type { CheckResult } from '../../../../../electron/fronts/cli/check/check-run.ts'
import { checkPage, junit, overall, pluginLine } from '../../../../../electron/fronts/cli/check/reports.ts'
import { plainText } from '../../../../../electron/fronts/cli/text.ts'

const web: CheckResult = {
  name: 'web',
  target: ':443',
  state: 'failed',
  elapsedMs: 30_000,
  heldMs: 0,
  assertions: [
    { assertion: 'exists', group: null, expected: 'a socket at :443', actual: '1 group', state: 'held', value: 1 },
    { assertion: 'members', group: 'tcp4 0.0.0.0:443', expected: '8', actual: '7', state: 'failed', value: 7 },
    {
      assertion: 'max-queue',
      group: 'tcp4 0.0.0.0:443',
      expected: 'at most 50%',
      actual: 'unknown',
      state: 'unknown',
      value: null,
    },
  ],
}
const dns: CheckResult = {
  ...web,
  name: 'dns',
  state: 'held',
  elapsedMs: 10_000,
  heldMs: 10_000,
  assertions: web.assertions.slice(0, 1),
}

test('the page: failed assertions first, a sentence per check', () => {
  expect(checkPage([web], 100).map(plainText)).toEqual([
    'RESULT   ASSERTION  EXPECTED          ACTUAL   GROUP',
    'FAILED   members    8                 7        tcp4 0.0.0.0:443',
    'unknown  max-queue  at most 50%       unknown  tcp4 0.0.0.0:443',
    'held     exists     a socket at :443  1 group  –',
    'web fails after 30 seconds: 1 of 3 assertions.',
  ])
  expect(checkPage([dns], 100).map(plainText).at(-1)).toBe('dns holds: 1 assertion, for 10 seconds.')
})

test('the worst decides', () => {
  expect(overall([dns])).toBe('held')
  expect(overall([dns, { ...dns, state: 'unknown' }])).toBe('unknown')
  expect(overall([web, { ...dns, state: 'unknown' }])).toBe('failed')
})

test('a line for monitoring, with performance data', () => {
  expect(pluginLine([web], () => ({ members: '8:8' }))).toBe(
    "CRITICAL - web members of tcp4 0.0.0.0:443: 7 (8); web max-queue of tcp4 0.0.0.0:443: unknown (at most 50%) | 'members'=7;;8:8",
  )
  expect(pluginLine([dns], () => ({}))).toBe('OK - dns holds: 1 assertion, for 10 seconds.')
})

test('JUnit XML: a failure, an error for what is unknown, and no markup from names', () => {
  const xml = junit([{ ...web, name: '<web>&"' }], markup)
  expect(xml).toContain('<testsuite name="&#60;web&#62;&#38;&#34;" tests="3" failures="1" errors="1" time="30.000">')
  expect(xml).toContain('<failure message="7, expected 8"/>')
  expect(xml).toContain('<error message="unknown, expected at most 50%"/>')
  expect(xml).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites/)
})
