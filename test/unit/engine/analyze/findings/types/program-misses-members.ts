import { expect, it } from 'vitest'
import type { SteeringProgram } from '../../../../../../electron/contract/kernel-group.ts'
import type { Examples } from '../example-machine.ts'
import { ruleOf, said } from '../rule-under-test.ts'
import { classic, emptied, extended, pastTheEnd, steeredBy } from '../steering-programs.ts'
import { aGroupView } from '../view.ts'

const programMissesMembers = ruleOf('program-misses-members')

export const examples: Examples = ({ group }) => [
  [group({ kernelGroups: [steeredBy(['1', '2'], classic)] })],
  [group({ kernelGroups: [steeredBy(['1', '2'], extended)] })],
  [group({ kernelGroups: [steeredBy(['1', '2'], pastTheEnd)] })],
  [group({ kernelGroups: [steeredBy(['1', '2'], emptied)] })],
]

export function tests(): void {
  it('says that the hash serves the clients where the program can pick no member', () => {
    const program: SteeringProgram = { kind: 'classic', instructions: [{ code: 6, jt: 0, jf: 0, k: 7 }] }
    const rest = { halfOpen: null, closed: [], maxSocks: 128, bindInany: false, hasConns: false }
    const found = said(
      programMissesMembers,
      aGroupView({ members: [{}, {}], kernelGroups: [{ id: 1, members: ['1', '2'], ...rest, program }] }),
    )
    expect(found?.summary).toBe('The BPF program at tcp 127.0.0.1:8080 can pick none of its 2 members.')
    expect(found?.explanation).toContain('The hash serves every client.')
  })
}
