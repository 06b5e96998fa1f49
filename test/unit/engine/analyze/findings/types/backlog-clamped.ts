import { expect, it } from 'vitest'
import type { Examples } from '../example-machine.ts'
import { factsWith, ruleOf, said } from '../rule-under-test.ts'
import { aGroupView } from '../view.ts'

const backlogClamped = ruleOf('backlog-clamped')

export const examples: Examples = ({ group, facts }) => [
  [group({ facts: facts(), members: [{ length: 128, dropped: 2 }] })],
]

export function tests(): void {
  const group = (limit: number, length: number, change = {}) =>
    aGroupView({ facts: factsWith({}, { somaxconn: 4096 }), members: [{ limit, length, ...change }, {}] })
  it('is raised for a limit that equals somaxconn and is too small', () => {
    expect(said(backlogClamped, group(4096, 2048))).not.toBeNull()
    expect(said(backlogClamped, group(4096, 1, { dropped: 2 }))).not.toBeNull()
    expect(said(backlogClamped, group(4096, 0, { dropped: 2 }))).toBeNull()
    expect(said(backlogClamped, group(4096, 2047))).toBeNull()
    expect(said(backlogClamped, group(511, 511))).toBeNull()
  })
}
