/** The tests of each rule are in types/. */
import { describe, expect, it } from 'vitest'
import { FindingCode } from '../../../../../electron/contract/model.ts'
import { migrationIn } from '../../../../../electron/engine/analyze/findings/namespace-facts.ts'
import { allRules } from '../../../../../electron/engine/analyze/findings/rules.ts'
import { establishedIn, parseCounters } from '../../../../../electron/engine/collect/namespace-counters.ts'
import { findingTests } from './examples.ts'
import { factsWith, ruleOf, said } from './rule-under-test.ts'
import { aGroupView } from './view.ts'

it('every code has exactly one rule', () => {
  const codes = allRules().map(({ code }) => code)
  expect(codes.sort()).toEqual(FindingCode.options.toSorted())
})

it('an ordinary group raises nothing', () => {
  for (const protocol of ['tcp', 'udp'] as const) {
    for (const rule of allRules()) expect(said(rule, aGroupView({ protocol })), rule.code).toBeNull()
  }
})

describe.each([...findingTests])('%s', (_, { tests }) => tests())

describe('drops of a listener with deferred accept', () => {
  const queueOverflowing = ruleOf('queue-overflowing')
  const backlogClamped = ruleOf('backlog-clamped')
  const deferring = (grown: Record<string, number>, change = {}) =>
    aGroupView({
      facts: factsWith({ ListenDrops: 0, ListenOverflows: 0, TCPDeferAcceptDrop: 6, ...grown }, { somaxconn: 511 }),
      members: [{ limit: 511, dropped: 6, ...change }],
    })
  it('are no loss if the namespace lost nothing', () => {
    expect(said(queueOverflowing, deferring({}))).toBeNull()
    expect(said(backlogClamped, deferring({}, { length: 1 }))).toBeNull()
    expect(said(queueOverflowing, deferring({ ListenDrops: 6, ListenOverflows: 6 }))?.severity).toBe('critical')
  })
  it('are unknown once the option was read: then the namespace counters decide', () => {
    const full = { length: 512, drops: null, dropped: null }
    expect(said(queueOverflowing, deferring({}, full))?.severity).toBe('warning')
    expect(said(queueOverflowing, deferring({ ListenOverflows: 2 }, full))?.severity).toBe('critical')
  })
})

describe('counters of a namespace', () => {
  it('are read from their own table', () => {
    const text =
      'Udp: InDatagrams RcvbufErrors\nUdp: 5 7\nUdpLite: InDatagrams RcvbufErrors\nUdpLite: 1 2\nTcp: EstabResets OutRsts\nTcp: 3 4\n'
    expect([...parseCounters(text)]).toEqual([
      ['RcvbufErrors', 7],
      ['EstabResets', 3],
    ])
    expect(parseCounters('').size).toBe(0)
    expect(parseCounters('TcpExt: ListenDrops\n').size).toBe(0)
  })
  it('say how many connections are established, of both families', () => {
    expect(establishedIn('Ip: Forwarding\nIp: 1\nTcp: MaxConn CurrEstab InSegs\nTcp: -1 12 99\n')).toBe(12)
    expect(establishedIn('Tcp: MaxConn\nTcp: -1\n')).toBeNull()
    expect(establishedIn('')).toBeNull()
  })
  it('show by their names whether the kernel can migrate connections', () => {
    expect(migrationIn('TcpExt: ListenDrops TCPMigrateReqSuccess\nTcpExt: 0 0\n')).toBe(true)
    expect(migrationIn('TcpExt: ListenDrops\nTcpExt: 0\n')).toBe(false)
  })
})
