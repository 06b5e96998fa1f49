import { expect, it } from 'vitest'
import type { Examples } from '../example-machine.ts'
import { ruleOf, said } from '../rule-under-test.ts'
import { aGroupView } from '../view.ts'

const groupShadowed = ruleOf('group-shadowed')

export const examples: Examples = ({ group, uid, theirs, otherIpv4, mapped }) => [
  [
    group({
      text: '0.0.0.0',
      members: [{ holders: [1] }],
      neighbors: [group({ text: otherIpv4, members: [theirs] })],
    }),
  ],
  [
    group({
      text: '0.0.0.0',
      members: [{ holders: [1] }],
      neighbors: [group({ text: otherIpv4, members: [{ uid, holders: [1] }] })],
    }),
  ],
  [group({ text: '::', v6only: false, neighbors: [group({ text: mapped, members: [theirs] })] })],
]

export function tests(): void {
  const wide = (text: string, change: object, ...neighbors: ReturnType<typeof aGroupView>[]) =>
    said(groupShadowed, aGroupView({ text, neighbors: neighbors, ...change }))
  const narrow = (text: string, change = {}) => aGroupView({ text, sharing: 'none', members: [{}], ...change })
  it.each([
    ['an address', '0.0.0.0', {}, '10.0.0.1', {}, 'info'],
    ['dual-stack by the IPv4 wildcard', '::', { v6only: false }, '0.0.0.0', {}, 'warning'],
    ['dual-stack by an IPv4 address', '::', { v6only: false }, '10.0.0.1', {}, 'info'],
    ['IPv6 only by IPv4', '::', { v6only: true }, '0.0.0.0', {}, null],
    ['the IPv4 wildcard by a mapped address', '0.0.0.0', {}, '::ffff:10.0.0.1', {}, 'info'],
    ['the IPv4 wildcard by an IPv6 address', '0.0.0.0', {}, '2001:db8::1', {}, null],
    ['the IPv4 wildcard by dual-stack', '0.0.0.0', {}, '::', { v6only: false }, null],
    ['on one interface, by an address', '0.0.0.0', { interface: 'eth1' }, '10.0.0.1', {}, 'info'],
    ['on one interface, by one on another', '0.0.0.0', { interface: 'eth0' }, '10.0.0.1', { interface: 'eth1' }, null],
    ['on one interface, by loopback', '0.0.0.0', { interface: 'eth1' }, '127.0.0.1', {}, null],
    ['on lo, by loopback', '0.0.0.0', { interface: 'lo' }, '127.0.0.1', {}, 'info'],
    ['on one interface, by IPv6 loopback', '::', { interface: 'eth1', v6only: true }, '::1', {}, null],
    ['by loopback where it cannot arrive', '0.0.0.0', {}, '127.0.0.1', { interface: 'eth1' }, null],
    ['by an address that no interface has', '0.0.0.0', {}, '192.0.2.1', { delivery: 'none' }, null],
    ['by a broadcast address', '0.0.0.0', {}, '10.0.0.255', { delivery: 'copies' }, null],
    ['by one that receives nothing', '0.0.0.0', {}, '10.0.0.1', { receiving: 0 }, null],
    ['an unshared one by an unshared one', '0.0.0.0', { sharing: 'none' }, '10.0.0.1', {}, null],
    ['a group that is not a wildcard', '10.0.0.2', {}, '10.0.0.1', {}, null],
  ] as const)('%s', (_, text, change, other, otherChange, severity) => {
    expect(wide(text, change, narrow(other, otherChange))?.severity ?? null).toBe(severity)
  })
  it('limits the traffic to the interface of a bound socket', () => {
    const verdict = wide('0.0.0.0', {}, narrow('10.0.0.1', { interface: 'eth1' }))
    expect(verdict).toMatchObject({ severity: 'info' })
    expect(verdict?.summary).toContain('gets no traffic for 10.0.0.1 on one interface: tcp 10.0.0.1:8080 on eth1 is')
    const dual = wide('::', { v6only: false }, narrow('0.0.0.0', { interface: 'eth1' }))
    expect(dual).toMatchObject({ severity: 'info' })
    expect(dual?.summary).toContain('gets no traffic over IPv4 on one interface: tcp 0.0.0.0:8080 on eth1 is')
  })
  it('is a warning if another program takes the traffic', () => {
    const process = (pid: number, command: string) => ({ pid, parent: 1, command, startedAt: 0 })
    const processes = [process(1, 'mine'), process(2, 'theirs')]
    const verdict = wide(
      '0.0.0.0',
      { members: [{ holders: [1] }], processes },
      narrow('10.0.0.1', { members: [{ holders: [2] }], processes }),
    )
    expect(verdict?.severity).toBe('warning')
    expect(verdict?.explanation).toContain('theirs')
  })
}
