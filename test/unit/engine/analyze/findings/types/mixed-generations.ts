import { describe, expect, it } from 'vitest'
import type { Launch } from '../../../../../../electron/engine/analyze/findings/rule.ts'
import { splitByStart } from '../../../../../../electron/engine/analyze/findings/types/mixed-generations.ts'
import type { Examples } from '../example-machine.ts'
import { ruleOf, said } from '../rule-under-test.ts'
import { aGroupView } from '../view.ts'

const mixedGenerations = ruleOf('mixed-generations')

export const examples: Examples = ({ group }) => [
  [group({ members: [{ serving: [1] }, { serving: [11] }, { serving: [12, 13] }] })],
]

export function tests(): void {
  const started = (...times: number[]) =>
    times.map((startedAt, at) => ({ pid: at + 1, parent: 99, command: 'a', startedAt }))
  it('splits at the widest gap, if it is wider than both clusters', () => {
    expect(splitByStart(started(0, 10, 20, 9000, 9010))).toMatchObject({
      older: [{ pid: 1 }, { pid: 2 }, { pid: 3 }],
      gap: 8980,
    })
    expect(splitByStart(started(0, 300, 600, 900))).toBeNull()
    expect(splitByStart(started(0, 2000, 4100, 6000))).toBeNull()
    expect(splitByStart(started(0))).toBeNull()
    expect(splitByStart([])).toBeNull()
  })
  const group = (processes: ReturnType<typeof started>) =>
    aGroupView({ processes, members: processes.map(({ pid }) => ({ serving: [pid] })) })
  it('is raised for processes started apart, not for one start', () => {
    expect(said(mixedGenerations, group(started(0, 1, 60_000, 60_001)))?.severity).toBe('warning')
    expect(said(mixedGenerations, group(started(0, 1, 2, 3)))).toBeNull()
  })
  it('treats forks of one master as peers, but not children of another program', () => {
    const forks = started(0, 1, 60_000, 60_001)
    const under = (command: string) => [...forks, { pid: 9, parent: 1, command, startedAt: 0 }]
    const members = forks.map(({ pid }) => ({ serving: [pid] }))
    const ofNine = (command: string) => under(command).map((one) => (one.pid === 9 ? one : { ...one, parent: 9 }))
    expect(said(mixedGenerations, aGroupView({ members, processes: ofNine('a') }))).toBeNull()
    expect(said(mixedGenerations, aGroupView({ members, processes: ofNine('supervisor') }))).not.toBeNull()
  })
  describe('instances', () => {
    const processes = started(0, 60_000)
    const members = processes.map(({ pid }) => ({ serving: [pid] }))
    const raised = (...launches: Partial<Launch>[]) =>
      said(
        mixedGenerations,
        aGroupView({
          members,
          processes,
          launch: (pid) => ({ commandLine: null, unit: null, ...launches[pid - 1] }),
        }),
      ) !== null
    const line = (...commandLine: string[]) => ({ commandLine })
    it.each([
      ['another configuration', line('pgbouncer', 'a.ini'), line('pgbouncer', 'b.ini'), false],
      ['another unit', { unit: 'pgbouncer@1.service' }, { unit: 'pgbouncer@2.service' }, false],
      ['the same', line('server', '-c', 'x'), line('server', '-c', 'x'), true],
      [
        'a reload of HAProxy',
        line('haproxy', '-f', 'x'),
        line('haproxy', '-f', 'x', '-x', '/s', '-sf', '1', '2'),
        true,
      ],
      ['two of them', line('haproxy', '-f', 'x', '-sf', '1'), line('haproxy', '-f', 'x', '-sf', '2'), true],
      ['a restart of Envoy', line('envoy', '--restart-epoch', '0'), line('envoy', '--restart-epoch', '1'), true],
      ['an unreadable command line', {}, line('server'), true],
    ])('%s', (_, one, other, expected) => {
      expect(raised(one, other)).toBe(expected)
    })
  })
}
