import { expect, it } from 'vitest'
import type { Examples } from '../example-machine.ts'
import { factsWith, ruleOf, said } from '../rule-under-test.ts'
import { aGroupView } from '../view.ts'

const queueOverflowing = ruleOf('queue-overflowing')

export const examples: Examples = ({ group }) => [
  [group({ members: [{ length: 200, dropped: 3, holders: [1, 3, 4] }] })],
  [group({ members: [{ length: 200, holders: [1, 2, 3, 4, 11] }] })],
]

export function tests(): void {
  it('starts one above the limit', () => {
    expect(said(queueOverflowing, aGroupView({ members: [{ length: 128 }, {}] }))).toBeNull()
    expect(said(queueOverflowing, aGroupView({ members: [{ length: 129 }, {}] }))).toMatchObject({
      severity: 'warning',
      members: [1n],
    })
  })
  it('names a few members by number, and counts more', () => {
    const summary = (...lengths: number[]) =>
      said(queueOverflowing, aGroupView({ members: lengths.map((length) => ({ length })) }))?.summary
    expect(summary(0, 129, 0, 129)).toMatch(
      /^Members 2 and 4 of 4 at tcp \S+ are full: up to 129 connections queued \(limit 128\)\.$/,
    )
    expect(summary(129, 129, 129, 129, 129, 0)).toMatch(/^5 of 6 members at tcp \S+ are full/)
  })
  it('is critical once connections are lost, and says if the counters disagree', () => {
    const losing = { members: [{ length: 129, dropped: 3 }, {}] }
    expect(said(queueOverflowing, aGroupView(losing))?.summary).toBe(
      'Member 1 of 2 at tcp 127.0.0.1:8080 is dropping connections: 129 connections queued (limit 128), 3 dropped since the previous refresh.',
    )
    expect(said(queueOverflowing, aGroupView({ ...losing, facts: factsWith({ ListenOverflows: 3 }) }))).toMatchObject({
      severity: 'critical',
    })
    expect(
      said(queueOverflowing, aGroupView({ ...losing, facts: factsWith({ ListenOverflows: 0 }) }))?.explanation,
    ).toContain('counted no overflow')
  })
}
