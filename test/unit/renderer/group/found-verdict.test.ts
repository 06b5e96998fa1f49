import { describe, expect, test } from 'vitest'
import type { FindingRow } from '../../../../electron/contract/analysis.ts'
import { accusedOf, heardOf, withFindings } from '../../../../renderer/group/found-verdict.ts'
import type { GroupVerdict } from '../../../../renderer/group/group-verdict.ts'
import { aFinding } from '../../../doubles/findings.ts'

const calm: GroupVerdict = { severity: 'none', answer: 'Nothing is wrong here.', reason: 'Nothing is dropped now.' }
const near: GroupVerdict = { severity: 'warning', answer: 'Member 4 is nearly full.', reason: '203 of 208 KiB wait.' }
const full: GroupVerdict = { severity: 'critical', answer: 'Member 4 is full.', reason: '' }
const stalled = aFinding({
  code: 'member-stalled',
  severity: 'critical',
  members: ['70'],
  summary: 'Member 4 of 4 of tcp 0.0.0.0:443 does not drain its queue; the others do, or have none.',
})
const shadowed = aFinding({ code: 'group-shadowed', severity: 'info', summary: 'tcp 0.0.0.0:443 gets nothing.' })

const said = (verdict: GroupVerdict, ...findings: FindingRow[]) => {
  const { severity, answer, reason } = withFindings(verdict, findings)
  return `${severity}: ${answer} ${reason}`.trim()
}

describe('the sentence with what was found', () => {
  test('is that of the finding where it is graver, with what the members show after it', () => {
    expect(said(calm, stalled)).toBe(
      'critical: Member 4 of 4 does not drain its queue; the others do, or have none. Nothing is dropped now.',
    )
    expect(said(near, stalled)).toBe(
      'critical: Member 4 of 4 does not drain its queue; the others do, or have none. Member 4 is nearly full. 203 of 208 KiB wait.',
    )
    expect(said(calm, shadowed)).toBe('info: It gets nothing. Nothing is dropped now.')
  })
  test("is the members' own where it says as much, where nothing was found, and where that is muted", () => {
    expect(said(full, stalled)).toBe('critical: Member 4 is full.')
    expect(said(near, shadowed)).toBe('warning: Member 4 is nearly full. 203 of 208 KiB wait.')
    expect(said(calm)).toBe('none: Nothing is wrong here. Nothing is dropped now.')
    expect(said(calm, { ...stalled, muted: true })).toBe('none: Nothing is wrong here. Nothing is dropped now.')
  })
  test('counts a member as the screen does, where others left since it was opened', () => {
    expect(withFindings(calm, [stalled], (cookie) => (cookie === '70' ? 9 : undefined)).answer).toBe(
      'Member 9 does not drain its queue; the others do, or have none.',
    )
  })
  test('accuses the members of critical findings that are heard', () => {
    const open = { ...shadowed, members: ['71'] }
    expect([...accusedOf([stalled, open])]).toEqual([['70', 'stalled']])
    expect(accusedOf([{ ...stalled, muted: true }]).size).toBe(0)
  })
  test('what is heard is not muted, the gravest first', () => {
    expect(heardOf([shadowed, { ...stalled, muted: true }, stalled])).toEqual([stalled, shadowed])
  })
})
