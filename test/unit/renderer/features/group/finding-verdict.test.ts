import { describe, expect, test } from 'vitest'
import type { FindingRow } from '../../../../../electron/contract/analysis.ts'
import {
  membersWithCritical,
  visibleFindings,
  withFindings,
} from '../../../../../renderer/features/group/finding-verdict.ts'
import type { GroupVerdict } from '../../../../../renderer/features/group/group-verdict.ts'
import { aFinding } from '../../../../doubles/findings.ts'

const calm: GroupVerdict = { severity: 'none', answer: 'Nothing is wrong here.', reason: 'Nothing is being dropped.' }
const near: GroupVerdict = {
  severity: 'warning',
  answer: 'Member 4 is nearly full.',
  reason: 'Its queue holds 203 of 208 KiB.',
}
const full: GroupVerdict = { severity: 'critical', answer: 'Member 4 is full.', reason: '' }
const stalled = aFinding({
  code: 'member-stalled',
  severity: 'critical',
  members: ['70'],
  summary: 'Member 4 of 4 of tcp 0.0.0.0:443 is not draining its queue; the others are, or are empty.',
})
const shadowed = aFinding({ code: 'group-shadowed', severity: 'info', summary: 'tcp 0.0.0.0:443 gets nothing.' })

const said = (verdict: GroupVerdict, ...findings: FindingRow[]) => {
  const { severity, answer, reason } = withFindings(verdict, findings)
  return `${severity}: ${answer} ${reason}`.trim()
}

describe('the verdict with findings', () => {
  test('is a finding as severe, which is about more members than those that are full now', () => {
    const many = {
      ...stalled,
      members: ['70', '71', '72'],
      summary: '125 of 2,000 members of tcp 0.0.0.0:443 are stuck.',
    }
    const two = { ...full, answer: '2 of 2,000 members are full.', reason: 'Members 17 and 30.' }
    expect(said(two, many)).toBe('critical: 125 of 2,000 members are stuck.')
  })
  test('is a more severe finding, followed by what the members show', () => {
    expect(said(calm, stalled)).toBe(
      'critical: Member 4 of 4 is not draining its queue; the others are, or are empty. Nothing is being dropped.',
    )
    expect(said(near, stalled)).toBe(
      'critical: Member 4 of 4 is not draining its queue; the others are, or are empty. Member 4 is nearly full. Its queue holds 203 of 208 KiB.',
    )
    expect(said(calm, shadowed)).toBe('info: It gets nothing. Nothing is being dropped.')
  })
  test('is a finding as severe about one member, followed by what it shows', () => {
    expect(said(full, stalled)).toBe(
      'critical: Member 4 of 4 is not draining its queue; the others are, or are empty. Member 4 is full.',
    )
  })
  test("is the members' own if more severe, without findings, and if they are muted", () => {
    expect(said(near, shadowed)).toBe('warning: Member 4 is nearly full. Its queue holds 203 of 208 KiB.')
    expect(said(calm)).toBe('none: Nothing is wrong here. Nothing is being dropped.')
    expect(said(calm, { ...stalled, muted: true })).toBe('none: Nothing is wrong here. Nothing is being dropped.')
  })
  test('uses the number of the member on screen, even after others left', () => {
    expect(withFindings(calm, [stalled], (cookie) => (cookie === '70' ? 9 : undefined)).answer).toBe(
      'Member 9 is not draining its queue; the others are, or are empty.',
    )
  })
  test('marks the members of unmuted critical findings', () => {
    const open = { ...shadowed, members: ['71'] }
    expect([...membersWithCritical([stalled, open])]).toEqual([['70', 'stalled']])
    expect(membersWithCritical([{ ...stalled, muted: true }]).size).toBe(0)
  })
  test('visible findings are unmuted, most severe first', () => {
    expect(visibleFindings([shadowed, { ...stalled, muted: true }, stalled])).toEqual([stalled, shadowed])
  })
})
