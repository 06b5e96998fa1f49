/** What is copied of a group holds no character that is invisible. */
import { expect, test } from 'vitest'
import { evidenceOf } from '../../../../../renderer/features/group/evidence.ts'
import { groupText } from '../../../../../renderer/features/group/group-text.ts'
import { groupVerdict } from '../../../../../renderer/features/group/group-verdict.ts'
import { MemberTable } from '../../../../../renderer/features/group/member-table.ts'
import { groupRow, holder, memberRow } from '../../../../doubles/group-engine.ts'
import { hostileNames } from '../../../../doubles/hostile-names.ts'
import { change } from './change.ts'

test.each([...hostileNames, 'שלום'].map((name) => [name]))('%j', (name) => {
  const rows = [memberRow('1', { holders: [holder(1, name)], user: name }), memberRow('2')]
  const members = new MemberTable()
  members.apply(change({ joined: rows }), 0)
  const row = groupRow(rows)
  const columns = members.columns()
  const text = groupText(row, members.receivers(), groupVerdict(row, columns, null), evidenceOf(row, columns))
  expect(text.replace(/[\n\t]/g, '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
})
