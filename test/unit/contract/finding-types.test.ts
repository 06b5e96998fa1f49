import { expect, test } from 'vitest'
import { compareImportance, FINDING_CODES, textsFor } from '../../../electron/contract/finding-types.ts'
import { Finding } from '../../../electron/contract/model.ts'
import { aFinding } from '../../doubles/findings.ts'

test.each(FINDING_CODES)('%s has a tag of at most three words', (code) => {
  expect(textsFor(code).tag.split(' ').length).toBeLessThanOrEqual(3)
})

test('a code of another version is readable, is shown by name, and comes last', () => {
  const later = Finding.parse(aFinding({ code: 'quic-connections-lost-again' }))
  expect(textsFor(later.code)).toMatchObject({
    tag: 'quic connections lost',
    clause: 'quic connections lost again',
    source: expect.stringContaining('another version'),
  })
  expect(textsFor('constructor').tag).toBe('constructor')
  expect(compareImportance(later, aFinding({ code: 'not-a-group' }))).toBeGreaterThan(0)
})
