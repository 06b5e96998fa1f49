import { expect, it } from 'vitest'
import { extended, returning, group as steeredBy } from '../../../../../doubles/steering-programs.ts'
import type { Examples } from '../example-machine.ts'
import { ruleOf, said } from '../rule-under-test.ts'
import { aGroupView, aMoment } from '../view.ts'

const memberGetsNothing = ruleOf('member-gets-nothing')

export const examples: Examples = ({ group, given }) => [
  [group({ given, members: [{ given: 64 }, { given: 0, holders: [1] }] })],
  [group({ given, kernelGroups: [steeredBy(extended('1', '2'), ['1', '2'])], members: [{ given: 64 }, { given: 0 }] })],
  [
    group({
      given,
      kernelGroups: [],
      members: [
        { given: 64, cpu: 0 },
        { given: 0, cpu: 1 },
      ],
    }),
  ],
]

export function tests(): void {
  const now = aMoment().now
  const group = (counts: (number | null)[], change: Parameters<typeof aGroupView>[0] = {}) => {
    const total = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)
    const members = counts.map((given) => ({ given }))
    return aGroupView({ given: { total, since: now - 30_000 }, members, ...change })
  }
  it('names the members that got none of so many that chance does not explain it', () => {
    const found = said(memberGetsNothing, group([30, 0, 30]))
    expect(found).toMatchObject({ severity: 'warning', members: [2n] })
    expect(found?.summary).toContain('Member 2 of 3 at tcp 127.0.0.1:8080 got none of 60 connections')
    // 3 * (2/3)^60
    expect(found?.evidence.at(-1)?.value).toBeCloseTo(8.2e-11, 12)
    expect(found?.evidence).toContainEqual({ name: 'counted for', value: 30, unit: 's' })
  })
  it('is not raised for few connections, uncounted ones, UDP, and a full queue', () => {
    // 3 * (2/3)^19 = 0.0014, and (2/3)^20 times 3 is below 0.001.
    expect(said(memberGetsNothing, group([10, 0, 9]))).toBeNull()
    expect(said(memberGetsNothing, group([10, 0, 10]))).not.toBeNull()
    expect(said(memberGetsNothing, aGroupView())).toBeNull()
    expect(said(memberGetsNothing, group([30, 0, 30], { protocol: 'udp' }))).toBeNull()
    const full = [{ given: 60 }, { given: 0, length: 128, limit: 128 }]
    expect(said(memberGetsNothing, aGroupView({ given: { total: 60, since: now }, members: full }))).toBeNull()
  })
  it('says that SO_INCOMING_CPU decides only where no program can', () => {
    const cpus = { setsCpu: true, kernelGroups: [] }
    expect(said(memberGetsNothing, group([30, 0, 30], cpus))?.explanation).toContain('SO_INCOMING_CPU')
    const unread = { setsCpu: true, kernelGroups: undefined }
    expect(said(memberGetsNothing, group([30, 0, 30], unread))?.explanation).toContain('nothing that can be read')
  })
  it('leaves out whom a program never picks, unless it can pick none and the hash serves all', () => {
    const missed = { kernelGroups: [steeredBy(returning(0), ['1', '2'])] }
    expect(said(memberGetsNothing, group([60, 0], missed))).toBeNull()
    const none = { kernelGroups: [steeredBy(returning(7), ['1', '2'])] }
    expect(said(memberGetsNothing, group([60, 0], none))).toMatchObject({ severity: 'warning', members: [2n] })
    expect(said(memberGetsNothing, group([60, 0], none))?.explanation).toContain('The hash gives')
  })
}
