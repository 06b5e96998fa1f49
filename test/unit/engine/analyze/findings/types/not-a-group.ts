import { expect, it } from 'vitest'
import type { Examples } from '../example-machine.ts'
import { ruleOf, said } from '../rule-under-test.ts'
import { aGroupView, aMoment } from '../view.ts'

const notAGroup = ruleOf('not-a-group')

export const examples: Examples = ({ group }) => [
  [group({ sharing: 'inherited', members: [{ holders: [1, 2], serving: [1, 2, 3, 4] }] })],
]

export function tests(): void {
  const processes = ['gunicorn', 'nginx', 'unheard-of'].map((command, pid) => ({
    pid,
    parent: null,
    command,
    startedAt: 0,
  }))
  const shared = (pids: number[], change = {}) =>
    said(
      notAGroup,
      aGroupView({ sharing: 'inherited', members: [{ holders: pids, serving: pids, ...change }], processes }),
    )
  it('names the setting of the program, if one is known', () => {
    expect(shared([0, 0])?.advice).toContain('several instances of gunicorn')
    expect(shared([1, 1])?.advice).toContain('`listen … reuseport`')
    expect(shared([0, 1])?.advice).toMatch(/gunicorn.*nginx/)
    expect(shared([2, 2])?.advice).toBe(
      'If an even spread matters, give each process its own socket with SO_REUSEPORT.',
    )
  })
  it('waits until the workers of a reload have settled', () => {
    const now = aMoment().now
    const since = (...secondsAgo: number[]) =>
      said(
        notAGroup,
        aGroupView({
          sharing: 'inherited',
          members: [{ holders: secondsAgo.map((_, pid) => pid), serving: secondsAgo.map((_, pid) => pid) }],
          processes: secondsAgo.map((ago, pid) => ({ pid, parent: 1, command: 'h2o', startedAt: now - 1000 * ago })),
        }),
      )
    expect(since(600, 1)).toBeNull()
    expect(since(600, 60)).not.toBeNull()
    expect(since(1.2, 1)).not.toBeNull()
    expect(since(600, 599, 1)?.summary).toContain('3 processes')
  })
  it('counts replaced workers of a program as one, however many still run', () => {
    const under = (command: string) => {
      const processes = [1, 2, 3].map((pid) => ({ pid, parent: 9, command: 'h2o', startedAt: 10_000 * pid }))
      const pids = processes.map(({ pid }) => pid)
      return said(
        notAGroup,
        aGroupView({
          sharing: 'inherited',
          members: [{ holders: [9, ...pids], serving: pids }],
          processes: [{ pid: 9, parent: 1, command, startedAt: 0 }, ...processes],
        }),
      )
    }
    expect(under('start_server')).toBeNull()
    expect(under('supervisord')).not.toBeNull()
  })
  it('says that processes wait only if epoll shows it', () => {
    expect(shared([1, 2])?.summary).toMatch(/^One socket at tcp \S+ is shared by 2 processes\.$/)
    const names = (change = {}) => shared([1, 2], change)?.evidence.map(({ name }) => name)
    expect(names()).not.toContain('processes waiting for it with epoll')
    expect(names({ pollers: [1, 2] })).toContain('processes waiting for it with epoll')
  })
  it('says that the option has no effect, if it is set', () => {
    expect(shared([1, 2])?.explanation).not.toContain('SO_REUSEPORT')
    expect(shared([1, 2], { options: { reuseport: true, reuseaddr: false } })?.explanation).toContain('no effect')
  })
}
