import { expect, it } from 'vitest'
import type { Examples } from '../example-machine.ts'
import { ruleOf, said } from '../rule-under-test.ts'
import { aGroupView } from '../view.ts'

const udpNotRead = () => ruleOf('udp-not-read')

export const examples: Examples = ({ group }) => [
  [group({ protocol: 'udp', members: [{ length: 90, limit: 100, holders: [1, 2] }, {}] })],
]

export function tests(): void {
  const over = (...lengths: number[]) => {
    const rule = udpNotRead()
    const members = (length: number) => [{ length, limit: 1000, holders: [7] }, {}]
    return lengths.map((length) => said(rule, aGroupView({ protocol: 'udp', members: members(length) })) !== null)
  }
  it('is raised for a queue that is half full and does not shrink', () => {
    expect(over(500, 500, 600)).toEqual([false, true, true])
    expect(over(499, 499, 499)).toEqual([false, false, false])
    expect(over(600, 599, 599)).toEqual([false, false, true])
  })
}
