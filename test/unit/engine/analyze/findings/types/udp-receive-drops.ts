import { expect, it } from 'vitest'
import type { Examples } from '../example-machine.ts'
import { factsWith, ruleOf, said } from '../rule-under-test.ts'
import { aGroupView } from '../view.ts'

const udpReceiveDrops = ruleOf('udp-receive-drops')

export const examples: Examples = ({ group }) => [
  [group({ protocol: 'udp', members: [{ dropped: 3, holders: [1, 2] }, {}] })],
]

export function tests(): void {
  it('is raised for new drops, not for old ones', () => {
    expect(said(udpReceiveDrops, aGroupView({ protocol: 'udp', members: [{ drops: 1000 }, {}] }))).toBeNull()
    expect(said(udpReceiveDrops, aGroupView({ protocol: 'udp', members: [{ dropped: 1 }, {}] }))?.members).toEqual([1n])
  })
  it('says so when the namespace counted no full buffer', () => {
    const group = aGroupView({ protocol: 'udp', members: [{ dropped: 1 }, {}], facts: factsWith({ RcvbufErrors: 0 }) })
    expect(said(udpReceiveDrops, group)?.explanation).toContain('counted no full buffer')
  })
  it('speaks of the hash and of more members only where datagrams are spread', () => {
    const advice = (dropped: number[], change: Parameters<typeof aGroupView>[0] = {}) =>
      said(
        udpReceiveDrops,
        aGroupView({ protocol: 'udp', members: dropped.map((dropped) => ({ dropped })), ...change }),
      )?.advice
    expect(advice([1, 0])).toContain('hash')
    expect(advice([1, 1])).toContain('add members')
    for (const change of [{ delivery: 'copies' }, { sharing: 'reuseaddr' }] as const) {
      expect(advice([1, 0], change)).not.toContain('hash')
      expect(advice([1, 1], change)).toContain('Read faster, or enlarge the buffer')
    }
  })
}
