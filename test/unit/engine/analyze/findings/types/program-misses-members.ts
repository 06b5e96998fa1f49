import { expect, it } from 'vitest'
import { extended, returning, group as steeredBy } from '../../../../../doubles/steering-programs.ts'
import type { Examples } from '../example-machine.ts'
import { ruleOf, said } from '../rule-under-test.ts'
import { aGroupView } from '../view.ts'

const programMissesMembers = ruleOf('program-misses-members')

export const examples: Examples = ({ group }) => [
  [group({ kernelGroups: [steeredBy(returning(0), ['1', '2'])] })],
  [group({ kernelGroups: [steeredBy(extended('1'), ['1', '2'])] })],
  [group({ kernelGroups: [steeredBy(returning(7), ['1', '2'])] })],
  [group({ kernelGroups: [steeredBy(extended(), ['1', '2'])] })],
]

export function tests(): void {
  it('says that the hash serves the clients where the program can pick no member', () => {
    const kernelGroups = [steeredBy(returning(7), ['1', '2'])]
    const found = said(programMissesMembers, aGroupView({ members: [{}, {}], kernelGroups }))
    expect(found?.summary).toBe('The BPF program at tcp 127.0.0.1:8080 can pick none of its 2 members.')
    expect(found?.explanation).toContain('The hash serves every client.')
  })
}
