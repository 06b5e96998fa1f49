/** The evidence that a group is one. */
import { describe, expect, test } from 'vitest'
import { evidenceOf } from '../../../../../renderer/features/group/evidence.ts'
import { MemberTable } from '../../../../../renderer/features/group/member-table.ts'
import { groupRow, memberRow } from '../../../../doubles/group-engine.ts'
import { change } from './change.ts'

/** Evidence of a UDP group whose members' SO_REUSEADDR was read, or not. */
function evidence(...reuseaddr: (boolean | null)[]) {
  const rows = reuseaddr.map((reuseaddr, i) => memberRow(String(i + 1), { state: 'unconnected', reuseaddr }))
  const row = groupRow(rows, { protocol: 'udp', evidence: 'socket-option' })
  const table = new MemberTable()
  table.apply(change({ joined: rows, row }), 0)
  return evidenceOf(row, table.columns())
}

describe('an option that was read', () => {
  test('from some of the members: how many, and what the others need', () => {
    const { short, improvement } = evidence(false, null)
    expect(short).toBe('socket option, read from 1 of 2')
    expect(improvement).toMatch(/^1 could not be read\./)
  })

  test('from all of them: conclusive', () => {
    expect(evidence(false, false)).toMatchObject({ short: 'socket option, read from 2 of 2', improvement: null })
  })

  test('of SO_REUSEADDR alone: the newest receives, except at an address that all get copies for', () => {
    const sentenceAt = (address: string) => {
      const rows = [memberRow('1', { state: 'unconnected' }), memberRow('2', { state: 'unconnected' })]
      const row = groupRow(rows, { protocol: 'udp', evidence: 'socket-option', sharing: 'reuseaddr', address })
      const table = new MemberTable()
      table.apply(change({ joined: rows, row }), 0)
      return evidenceOf(row, table.columns()).sentence
    }
    expect(sentenceAt('0.0.0.0')).toContain('the newest receives every datagram')
    expect(sentenceAt('ff02::fb')).toContain('each gets a copy of every datagram for this address')
  })

  test('of stored members without it: the number is not shown', () => {
    expect(evidence(null, null)).toMatchObject({ short: 'socket option', improvement: null })
  })
})
