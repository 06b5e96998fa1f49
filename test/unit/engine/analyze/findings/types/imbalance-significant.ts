import { expect, it } from 'vitest'
import type { RuleSources } from '../../../../../../electron/engine/analyze/findings/finding-type.ts'
import { flowSpreadOf } from '../../../../../../electron/engine/analyze/statistics.ts'
import type { Examples } from '../example-machine.ts'
import { ruleOf, said } from '../rule-under-test.ts'

const imbalanceSignificant = (weighed: RuleSources['weighed']) => ruleOf('imbalance-significant', { weighed })

export const examples: Examples = ({ group }) => [
  [group({ id: '00000000000000b1' })],
  [group({ id: '00000000000000b2' })],
  [group({ id: '00000000000000b3' })],
  [group({ id: '00000000000000b4' })],
  [group({ id: '00000000000000b5' })],
  [group({ id: '00000000000000b1', sharing: 'inherited' })],
]

export function tests(): void {
  const uneven = flowSpreadOf([400, 100, 100, 100])
  const even = flowSpreadOf([1000, 1010, 990, 1000])
  if (uneven === null || even === null) throw new Error('there are counts')
  it('says whether the hash or the processes are the cause', () => {
    const given = (flows: typeof uneven, counted: boolean) =>
      said(imbalanceSignificant(() => ({ connections: uneven, flows, counted })))
    for (const counted of [false, true]) {
      expect(given(even, counted)?.explanation).toContain('steering is fair')
      expect(given(uneven, counted)?.explanation).toContain('steering itself is uneven')
    }
    expect(given(even, false)?.evidence.at(-1)?.name).toContain('sampled clients')
    expect(given(even, true)?.evidence.at(-1)?.name).toContain('what members were given')
  })
  it('claims nothing about the hash where no clients were sampled', () => {
    const { explanation, advice } =
      said(imbalanceSignificant(() => ({ connections: uneven, flows: null, counted: false }))) ?? {}
    expect(explanation).not.toContain('steering is fair')
    expect(explanation).toContain('unknown whether the hash or the processes are the cause')
    expect(advice).toContain('Check the balance of this group')
  })
  it('raises nothing for an even spread, an unknown one, and one too small to matter', () => {
    expect(said(imbalanceSignificant(() => ({ connections: even, flows: null, counted: false })))).toBeNull()
    expect(said(imbalanceSignificant(() => null))).toBeNull()
    const slight = flowSpreadOf([11_000, 10_000, 10_000, 10_000])
    if (slight === null) throw new Error('there are counts')
    expect(slight.p).toBeLessThan(0.001)
    expect(said(imbalanceSignificant(() => ({ connections: slight, flows: null, counted: false })))).toBeNull()
  })
}
