import { expect, it } from 'vitest'
import type { Examples } from '../example-machine.ts'
import { factsWith, ruleOf, said } from '../rule-under-test.ts'
import { aGroupView, aMoment } from '../view.ts'

const reloadLostConnections = () => ruleOf('reload-lost-connections')

export const examples: Examples = ({ group, facts }) => [
  [group({ facts: facts() }), { removed: [{ cookie: 9n, queued: 5 }] }],
]

export function tests(): void {
  const left = (queued: number) => aMoment({ removed: [{ cookie: 9n, queued }] })
  const withFacts = (grown: Record<string, number>, migrates: boolean | null) =>
    aGroupView({ facts: factsWith(grown, { migrates }) })
  it('counts waiting connections, is critical if resets confirm it, and clears after a minute', () => {
    const rule = reloadLostConnections()
    const group = withFacts({ EstabResets: 5 }, false)
    expect(said(rule, group, left(5))).toMatchObject({ severity: 'critical', members: [9n] })
    expect(said(rule, group, left(2))?.evidence[0]?.value).toBe(7)
    expect(said(rule, group, aMoment({ now: aMoment().now + 59_000 }))).not.toBeNull()
    expect(said(rule, group, aMoment({ now: aMoment().now + 61_000 }))).toBeNull()
  })
  it('is a warning without confirmation', () => {
    expect(said(reloadLostConnections(), withFacts({ EstabResets: 0 }, false), left(5))?.severity).toBe('warning')
  })
  it('is not raised for an empty queue, a group that ended, or migrated connections', () => {
    expect(said(reloadLostConnections(), aGroupView(), left(0))).toBeNull()
    expect(said(reloadLostConnections(), aGroupView({ members: [] }), left(5))).toBeNull()
    expect(said(reloadLostConnections(), withFacts({ TCPMigrateReqSuccess: 5 }, true), left(5))).toBeNull()
  })
  it('advises the setting only if the kernel supports migration', () => {
    const advice = (migrates: boolean | null) => said(reloadLostConnections(), withFacts({}, migrates), left(5))?.advice
    expect(advice(false)).toMatch(/Set net.ipv4.tcp_migrate_req to 1/)
    expect(advice(null)).not.toMatch(/Set net.ipv4/)
  })
  it('is raised if migration failed', () => {
    const group = withFacts({ TCPMigrateReqSuccess: 1, TCPMigrateReqFailure: 4, EstabResets: 5 }, true)
    expect(said(reloadLostConnections(), group, left(5))).not.toBeNull()
  })
}
