/** Which findings the options of `findings` ask for. */
import { expect, test } from 'vitest'
import { type FindingsOptions, isListed } from '../../../../electron/fronts/cli/commands/findings.ts'

const finding = { code: 'udp-not-read', severity: 'warning' } as const

test.each<[Partial<FindingsOptions>, boolean]>([
  [{}, true],
  [{ severity: 'warning' }, true],
  [{ severity: 'critical' }, false],
  [{ code: ['udp-not-read', 'member-stalled'] }, true],
  [{ code: ['member-stalled'] }, false],
  [{ ignore: ['udp-not-read'] }, false],
  [{ ignore: ['member-stalled'] }, true],
])('%j lists it: %s', (options, listed) => {
  expect(isListed(finding, options)).toBe(listed)
})
