import { expect, it } from 'vitest'
import type { Examples } from '../example-machine.ts'
import { ruleOf, type Said, said } from '../rule-under-test.ts'
import { aGroupView, aMoment } from '../view.ts'

const memberStalled = () => ruleOf('member-stalled')

export const examples: Examples = ({ group }) => [
  [group({ members: [{ length: 5, holders: [1, 2] }, { pollers: [7] }, {}] })],
]

export function tests(): void {
  /** Queue lengths of the members, one row per examination. */
  function over(rows: number[][]): Said | null {
    const rule = memberStalled()
    let last: Said | null = null
    for (const [slot, lengths] of rows.entries()) {
      last = said(rule, aGroupView({ members: lengths.map((length) => ({ length })) }), aMoment({ slot }))
    }
    return last
  }
  const repeat = (times: number, row: (look: number) => number[]) =>
    Array.from({ length: times }, (_, look) => row(look))

  it('names the member with a stuck queue while the others drain', () => {
    expect(over(repeat(12, (look) => [5 + look, look % 2, 0]))?.members).toEqual([1n])
  })
  it('says which member, and which process serves it', () => {
    const rule = memberStalled()
    let last: Said | null = null
    for (let slot = 0; slot < 12; slot++) {
      const members = [{ holders: [7, 9] }, { length: 5, holders: [7, 9], serving: [9] }]
      const processes = [7, 9].map((pid) => ({ pid, parent: null, command: 'nginx', startedAt: null }))
      last = said(rule, aGroupView({ members, processes }), aMoment({ slot }))
    }
    expect(last?.summary).toBe(
      'Member 2 of 2 at tcp 127.0.0.1:8080 is not draining its queue (5 connections); the others are, or are empty.',
    )
    expect(last?.advice).toContain('Look at nginx (pid 9):')
  })
  it('at a multicast address, speaks of copies and not of the clients of one member', () => {
    const rule = memberStalled()
    const multicast = { protocol: 'udp', delivery: 'copies' } as const
    let last: Said | null = null
    for (let slot = 0; slot < 12; slot++) {
      last = said(rule, aGroupView({ ...multicast, members: [{ length: 5 }, {}] }), aMoment({ slot }))
    }
    expect(last?.explanation).toContain('Each member gets a copy')
    expect(last?.explanation).not.toContain('hash')
    expect(last?.evidence.map(({ name }) => name)).not.toContain('share of clients that reach them')
  })
  it('names two that fill up alternately', () => {
    const lengths = (look: number) => [5 + 2 * Math.floor(look / 2), 4 + 2 * Math.ceil(look / 2), look % 2, 0]
    expect(over(repeat(12, lengths))?.members).toEqual([1n, 2n])
  })
  it('does not name one that drained once in the window', () => {
    expect(over([...repeat(10, () => [5, 0, 0]), [4, 0, 0], ...repeat(3, () => [5, 0, 0])])).toBeNull()
  })
  it('raises nothing if all queues are stuck', () => {
    expect(over(repeat(12, (look) => [5 + look, 4 + look, 3 + look]))).toBeNull()
  })
  it('needs a whole window', () => {
    expect(over(repeat(5, () => [5, 0, 0]))).toBeNull()
  })
  it('counts once per slot, however often it is examined', () => {
    const rule = memberStalled()
    const group = aGroupView({ members: [{ length: 5 }, {}] })
    for (let look = 0; look < 30; look++) expect(said(rule, group, aMoment({ slot: 1 }))).toBeNull()
  })
  it('says that no process polls it, if its siblings are polled', () => {
    const rule = memberStalled()
    let last: Said | null = null
    for (let slot = 0; slot < 12; slot++) {
      const members = [{ length: 5, pollers: [] }, { pollers: [7] }]
      last = said(rule, aGroupView({ members }), aMoment({ slot }))
    }
    expect(last?.explanation).toContain('No process is waiting')
  })
}
