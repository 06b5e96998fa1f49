/** How we know that a group is one, in words. */
import { describe, expect, test } from 'vitest'
import { evidenceOf } from '../../../../renderer/group/evidence.ts'
import { memberRow } from '../../../doubles/group-engine.ts'
import { groupRow } from '../../../doubles/group-rows.ts'

const row = groupRow({ protocol: 'udp', evidence: 'socket-option' })
const read = memberRow('1', { reuseaddr: false })
const unread = memberRow('2', { reuseaddr: null })

describe('an option that was read', () => {
  test('from some of the members: how many, and what the others would take', () => {
    const { short, surer } = evidenceOf(row, [read, unread])
    expect(short).toBe('socket option, read from 1 of 2')
    expect(surer).toMatch(/^1 could not be read\./)
  })

  test('from all of them: nothing would make it surer', () => {
    expect(evidenceOf(row, [read, read])).toMatchObject({ short: 'socket option, read from 2 of 2', surer: null })
  })

  test('of members that are kept without it: not from how many', () => {
    expect(evidenceOf(row, [unread, unread])).toMatchObject({ short: 'socket option', surer: null })
  })
})
