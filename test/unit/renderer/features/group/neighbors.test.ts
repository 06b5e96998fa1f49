import { describe, expect, test } from 'vitest'
import type { GroupRow } from '../../../../../electron/contract/live.ts'
import { neighborsOf } from '../../../../../renderer/features/group/neighbors.ts'
import { groupRow, memberRow } from '../../../../doubles/group-engine.ts'

let ids = 0
function group(changes: Partial<GroupRow>): GroupRow {
  return groupRow([memberRow('1')], { id: (++ids).toString(16).padStart(16, '0'), port: 80, ...changes })
}
const v4 = (address: string, changes: Partial<GroupRow> = {}) => group({ address, ...changes })
const v6 = (address: string, v6only: boolean | null, changes: Partial<GroupRow> = {}) =>
  group({ family: 'ipv6', address, v6only, ...changes })

const relate = (own: GroupRow, other: GroupRow) => {
  const [neighbor] = neighborsOf(own, [other])
  return neighbor && `${neighbor.relation}: ${neighbor.text}`
}

describe('who shadows whom', () => {
  test.each<[string, GroupRow, GroupRow, string]>([
    [
      'a specific address beats the wildcard',
      v4('0.0.0.0'),
      v4('127.0.0.1'),
      'shadows: Shadows this group for 127.0.0.1',
    ],
    ['the same from its own side', v4('127.0.0.1'), v4('0.0.0.0'), 'shadowed: Shadowed by this group for 127.0.0.1'],
    [
      '0.0.0.0 beats a dual-stack [::] for IPv4',
      v6('::', false),
      v4('0.0.0.0'),
      'shadows: Shadows this group for IPv4',
    ],
    ['the same from the other side', v4('0.0.0.0'), v6('::', false), 'shadowed: Shadowed by this group for IPv4'],
    [
      'a mapped address is an IPv4 address',
      v4('0.0.0.0'),
      v6('::ffff:10.0.0.1', false),
      'shadows: Shadows this group for 10.0.0.1',
    ],
    ['[::] for IPv6 only leaves IPv4 alone', v4('0.0.0.0'), v6('::', true), 'apart: IPv6 only: no overlap'],
    ['an IPv6 address does', v4('0.0.0.0'), v6('::1', null), 'apart: An IPv6 address: no overlap'],
    ['IPv4 beside IPv6 only', v6('::', true), v4('0.0.0.0'), 'apart: IPv4: no overlap'],
    [
      'a specific IPv6 address beats the wildcard',
      v6('::', true),
      v6('::1', null),
      'shadows: Shadows this group for ::1',
    ],
    ['another address', v4('127.0.0.1'), v4('127.0.0.2'), 'apart: Different address: no overlap'],
    [
      'bound to an interface beats not bound',
      v4('0.0.0.0'),
      v4('0.0.0.0', { interface: 'eth0' }),
      'shadows: Shadows this group for every address on eth0',
    ],
    [
      'but the address counts before the interface',
      v4('10.0.0.1'),
      v4('0.0.0.0', { interface: 'eth0' }),
      'shadowed: Shadowed by this group for 10.0.0.1 on eth0',
    ],
    [
      'two interfaces',
      v4('0.0.0.0', { interface: 'lo' }),
      v4('0.0.0.0', { interface: 'eth0' }),
      'apart: On eth0 only: no overlap',
    ],
    ['another protocol', v4('0.0.0.0'), v4('0.0.0.0', { protocol: 'udp' }), 'apart: udp: different protocol'],
    [
      'what may be dual-stack may be shadowed',
      v4('0.0.0.0'),
      v6('::', null),
      'shadowed: May be shadowed by this group for IPv4',
    ],
    [
      'bound and not listening',
      v4('0.0.0.0'),
      v4('127.0.0.1', { receiving: 0, bound: 1 }),
      'apart: Bound but not listening: no client reaches it',
    ],
    [
      'connected only',
      v4('0.0.0.0', { protocol: 'udp' }),
      v4('127.0.0.1', { protocol: 'udp', receiving: 0, connected: 2 }),
      'apart: Connected: receives only from its own peer',
    ],
    [
      'another user on the same address',
      v4('0.0.0.0', { protocol: 'udp', uid: 0 }),
      v4('0.0.0.0', { protocol: 'udp', uid: 1000 }),
      'rivals: Another user on the same address: the newest socket may receive the datagrams',
    ],
  ])('%s', (_, own, other, expected) => {
    expect(relate(own, other)).toBe(expected)
  })

  test('for UDP an interface outweighs the family, for TCP it only equals it', () => {
    const own = (protocol: 'tcp' | 'udp') => v4('0.0.0.0', { protocol })
    const other = (protocol: 'tcp' | 'udp') => v6('::', false, { protocol, interface: 'eth0' })
    expect(relate(own('udp'), other('udp'))).toBe('shadows: Shadows this group for IPv4 on eth0')
    expect(relate(own('tcp'), other('tcp'))).toMatch(/^rivals: Equal match/)
  })

  test('itself, other ports and other namespaces are not neighbors; the most relevant come first', () => {
    const own = v4('0.0.0.0')
    const listed = neighborsOf(own, [
      own,
      v4('0.0.0.0', { port: 81 }),
      v4('127.0.0.1', { netns: 2 }),
      v6('::', true),
      v6('::', false),
      v4('127.0.0.1'),
    ])
    expect(listed.map(({ relation }) => relation)).toEqual(['shadows', 'shadowed', 'apart'])
  })
})
