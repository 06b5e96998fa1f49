import { expect, it } from 'vitest'
import type { RuleSources } from '../../../../../../electron/engine/analyze/findings/finding-type.ts'
import type { Examples } from '../example-machine.ts'
import { factsWith, ruleOf, said } from '../rule-under-test.ts'
import { aGroupView } from '../view.ts'

const portHijackable = (receiver: RuleSources['receiver']) => ruleOf('port-hijackable', { receiver })

export const examples: Examples = ({ group, facts, theirs, both }) => [
  [group({ protocol: 'udp', facts: facts(), members: [both, both] })],
  [group({ protocol: 'udp', members: [both, theirs] })],
  [group({ protocol: 'udp', members: [both], neighbors: [group({ protocol: 'udp', members: [theirs] })] })],
]

export function tests(): void {
  const rule = portHijackable(() => 2n)
  const both = { options: { reuseport: true, reuseaddr: true } }
  const facts1024 = factsWith({}, { unprivilegedPortStart: 1024 })
  it('needs the option on every member, and an unprivileged port', () => {
    const open = { protocol: 'udp' as const, facts: facts1024, members: [both, both] }
    expect(said(rule, aGroupView(open))?.severity).toBe('warning')
    expect(said(rule, aGroupView({ ...open, port: 53 }))).toBeNull()
    expect(said(rule, aGroupView({ ...open, protocol: 'tcp' }))).toBeNull()
    const one = { options: { reuseport: true, reuseaddr: false } }
    expect(said(rule, aGroupView({ ...open, members: [both, one] }))).toBeNull()
    expect(said(rule, aGroupView({ ...open, members: [both, {}] }))).toBeNull()
  })
  it('is critical once another user is at the same address, not at another', () => {
    const group = (text: string) =>
      aGroupView({
        protocol: 'udp',
        members: [both, both],
        neighbors: [aGroupView({ protocol: 'udp', text, members: [{ uid: 65_534 }] })],
      })
    expect(said(rule, group('127.0.0.1'))?.severity).toBe('critical')
    expect(said(rule, group('127.0.0.2'))?.severity).toBe('warning')
  })
  it('names the user that takes the datagrams, and the others', () => {
    const processes = [7, 9].map((pid) => ({
      pid,
      parent: null,
      command: pid === 7 ? 'named' : 'thief',
      startedAt: null,
    }))
    const known = { processes, users: { 53: 'bind', 99: 'mallory' } }
    const theirs = { cookie: 2n, uid: 99, holders: [9] }
    const group = aGroupView({
      ...known,
      protocol: 'udp',
      members: [{ ...both, uid: 53, holders: [7] }],
      neighbors: [aGroupView({ ...known, protocol: 'udp', members: [theirs] })],
    })
    const { summary, advice } = said(rule, group) ?? { summary: '', advice: '' }
    expect(summary).toContain("mallory (uid 99) with thief (pid 9) takes the others' datagrams")
    expect(advice).toContain('The users are bind (uid 53) with named (pid 7) and mallory (uid 99) with thief (pid 9).')
    expect(
      said(
        portHijackable(() => null),
        group,
      )?.summary,
    ).toContain("one of them takes the others' datagrams")
  })
}
