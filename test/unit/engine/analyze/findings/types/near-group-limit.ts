import { expect, it } from 'vitest'
import type { Examples } from '../example-machine.ts'
import { ruleOf, said } from '../rule-under-test.ts'
import { aGroupView } from '../view.ts'

const nearGroupLimit = ruleOf('near-group-limit')

export const examples: Examples = ({ group }) => [[group({ receiving: 32_000 })], [group({ receiving: 32_768 })]]

export function tests(): void {
  it('warns from nine tenths, and is critical at the limit', () => {
    expect(said(nearGroupLimit, aGroupView({ receiving: 29_491 }))).toBeNull()
    expect(said(nearGroupLimit, aGroupView({ receiving: 29_492 }))?.severity).toBe('warning')
    expect(said(nearGroupLimit, aGroupView({ receiving: 32_768 }))?.severity).toBe('critical')
  })
}
