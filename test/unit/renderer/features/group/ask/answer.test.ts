import { expect, test } from 'vitest'
import { answerOf } from '../../../../../../renderer/features/group/ask/answer.ts'
import type { PathQuery } from '../../../../../../renderer/features/group/ask/use-path.ts'
import type { MemberEntry } from '../../../../../../renderer/features/group/member-table.ts'
import { aMember } from '../../../../../doubles/snapshots.ts'

const member = { id: '4097', number: 1200 } as unknown as MemberEntry
const members = { get: () => member }
const lookup = { member: aMember(), group: null, steeredBy: 'hash', otherSockets: [], beforeLookup: [], reason: '' }
const asked = { state: 'answered', path: { lookup } } as unknown as PathQuery

test('the member that the hash picks', () => {
  expect(answerOf(asked, members, '3fa9', false)).toEqual({ words: 'Member 1,200', member, reason: null })
})

test('where a BPF program decides, the answer says that it is only that of the hash', () => {
  expect(answerOf(asked, members, '3fa9', true)).toEqual({
    words: 'Member 1,200 by hash',
    member,
    reason: 'A BPF program is attached and decides instead of the hash.',
  })
})
