import { expect, test } from 'vitest'
import { FindingsLog } from '../../../../../electron/engine/analyze/findings/findings-log.ts'
import { aFinding } from '../../../../doubles/findings.ts'

const NOW = new Date('2026-01-02T00:00:00.000Z')
const LATER = new Date('2026-01-03T00:00:00.000Z')
const { raisedAt: _, muted: __, ...finding } = aFinding()

test('a finding keeps its time, and has a new revision only if it changed', () => {
  const log = new FindingsLog()
  log.raise(finding, NOW)
  log.raise(finding, LATER)
  expect(log.revision).toBe(1)
  log.raise({ ...finding, severity: 'critical' }, LATER)
  expect(log.raised.get(finding.id)).toMatchObject({
    revision: 2,
    row: { severity: 'critical', raisedAt: NOW.toISOString() },
  })
})

test('raised again after it was cleared, it has a new time', () => {
  const log = new FindingsLog()
  log.raise(finding, NOW)
  log.clear(finding.id)
  log.clear(finding.id)
  expect(log.cleared).toEqual([{ revision: 2, id: finding.id }])
  log.raise(finding, LATER)
  expect(log.raised.get(finding.id)?.row.raisedAt).toBe(LATER.toISOString())
})

test.each([finding.code, finding.id])('muted by %s: marked, now and later', (muted) => {
  const log = new FindingsLog()
  log.raise(finding, NOW)
  log.mute({ mutedFindings: [muted], mutedUntil: {} }, new Date(0))
  expect(log.raised.get(finding.id)).toMatchObject({ revision: 2, row: { muted: true } })
  log.raise(finding, LATER)
  expect(log.revision).toBe(2)
  log.mute({ mutedFindings: [], mutedUntil: {} }, new Date(0))
  expect(log.raised.get(finding.id)).toMatchObject({ revision: 3, row: { muted: false } })
})

test('says from which revision on cleared findings are remembered', () => {
  const log = new FindingsLog()
  for (let one = 0; one <= 20_000; one++) {
    log.raise({ ...finding, id: String(one) }, NOW)
    log.clear(String(one))
  }
  expect(log.cleared.length).toBe(10_001)
  expect(log.clearedFrom).toBe(log.cleared[0]?.revision)
})

test('the findings of some groups, in the form of a snapshot', () => {
  const log = new FindingsLog()
  log.raise(finding, NOW)
  const { id: _, key: __, ...rest } = finding
  expect(log.of(new Set([finding.group]))).toEqual([rest])
  expect(log.of(new Set())).toEqual([])
})
