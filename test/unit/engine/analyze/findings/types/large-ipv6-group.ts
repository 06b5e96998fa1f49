import { expect, it } from 'vitest'
import type { Examples } from '../example-machine.ts'
import { ruleOf, said } from '../rule-under-test.ts'
import { aGroupView } from '../view.ts'

const largeIpv6Group = ruleOf('large-ipv6-group')

export const examples: Examples = ({ group, ipv6 }) => [
  [group({ text: ipv6, receiving: 2000 })],
  [group({ text: ipv6, receiving: 20_000 })],
]

export function tests(): void {
  it('is raised for IPv6 alone', () => {
    expect(said(largeIpv6Group, aGroupView({ text: '::1', receiving: 20_000 }))).not.toBeNull()
    expect(said(largeIpv6Group, aGroupView({ receiving: 20_000 }))).toBeNull()
  })
}
