import { expect, it } from 'vitest'
import type { RuleSources } from '../../../../../../electron/engine/analyze/findings/finding-type.ts'
import type { Examples } from '../example-machine.ts'
import { ruleOf, said } from '../rule-under-test.ts'
import { aGroupView } from '../view.ts'

const cpuSteeringPartial = (online: RuleSources['online']) => ruleOf('cpu-steering-partial', { online })

export const examples: Examples = ({ group }) => [[group({ members: [{ cpu: 0 }, { cpu: 'not set' }] })]]

export function tests(): void {
  const rule = cpuSteeringPartial(() => 2)
  const group = (...cpus: (number | 'not set' | null)[]) => aGroupView({ members: cpus.map((cpu) => ({ cpu })) })
  it('is not raised if each CPU has one member, or no member sets it', () => {
    expect(said(rule, group(0, 1))).toBeNull()
    expect(said(rule, group('not set', 'not set'))).toBeNull()
    expect(said(rule, group(null, null))).toBeNull()
    expect(said(rule, group(0, 'not set'))?.summary).toContain('1 of 2 members does not set it')
    expect(said(rule, group(0, 0))?.summary).toContain('1 member shares a CPU')
    expect(
      said(
        cpuSteeringPartial(() => 4),
        group(0, 1),
      )?.summary,
    ).toContain('2 of 4 CPUs have no member')
  })
}
