import { expect, test } from 'vitest'
import { answerOf } from '../../../../../../renderer/features/group/ask/answer.ts'
import type { PathQuery } from '../../../../../../renderer/features/group/ask/use-path.ts'
import type { MemberEntry } from '../../../../../../renderer/features/group/member-entry.ts'
import { aMember } from '../../../../../doubles/snapshots.ts'

const member = { id: '4097', number: 1200 } as unknown as MemberEntry
const members = { get: () => member }
const lookup = { member: aMember(), group: null, steeredBy: 'hash', otherSockets: [], beforeLookup: [], reason: '' }
const asked = { state: 'answered', path: { lookup } } as unknown as PathQuery

test('the member that the hash picks', () => {
  expect(answerOf(asked, members, '3fa9')).toEqual({ words: 'Member 1,200', member, reason: null })
})

const steered = (lookup: object) => ({ ...asked, path: { lookup } }) as unknown as PathQuery
const byProgram = { ...lookup, steeredBy: 'program', reason: 'The attached program returns 2 for this client.' }

test('where a BPF program decides, its answer is given, and said to be that', () => {
  expect(answerOf(steered(byProgram), members, '3fa9')).toEqual({
    words: 'Member 1,200',
    member,
    reason: 'The attached program returns 2 for this client.',
  })
})

test('where its answer is not known, no member is named', () => {
  expect(answerOf(steered({ ...byProgram, member: null }), members, '3fa9')).toEqual({
    words: 'Its program decides',
    member: null,
    reason: 'The attached program returns 2 for this client.',
  })
})
