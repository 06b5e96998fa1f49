import { expect, it } from 'vitest'
import type { RuleSources } from '../../../../../../electron/engine/analyze/findings/finding-type.ts'
import type { Examples } from '../example-machine.ts'
import { ruleOf, said } from '../rule-under-test.ts'
import { aGroupView } from '../view.ts'

const udpNewestTakesAll = (receiver: RuleSources['receiver']) => ruleOf('udp-newest-takes-all', { receiver })

export const examples: Examples = ({ group, ipv6 }) => [
  [group({ protocol: 'udp', sharing: 'reuseaddr', text: ipv6 })],
  [group({ protocol: 'udp', sharing: 'reuseaddr', text: ipv6, port: 5353 })],
]

export function tests(): void {
  const rule = udpNewestTakesAll(() => 2n)
  const group = (text: string, port: number) => aGroupView({ protocol: 'udp', sharing: 'reuseaddr', text, port })
  it('is only informational on a multicast port, and not raised at a multicast address', () => {
    expect(said(rule, group('0.0.0.0', 9000))?.severity).toBe('warning')
    expect(said(rule, group('0.0.0.0', 9000))?.summary).toContain(': member 2, its process')
    expect(said(rule, group('0.0.0.0', 5353))?.severity).toBe('info')
    const copies = aGroupView({
      protocol: 'udp',
      sharing: 'reuseaddr',
      text: '224.0.0.251',
      port: 9000,
      delivery: 'copies',
    })
    expect(said(rule, copies)).toBeNull()
  })
}
