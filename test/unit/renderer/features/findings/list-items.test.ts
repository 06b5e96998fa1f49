import { expect, test } from 'vitest'
import { listItems } from '../../../../../renderer/features/findings/list-items.ts'
import { aFinding } from '../../../../doubles/findings.ts'
import { groupRow } from '../../../../doubles/group-rows.ts'

const list = [
  aFinding({ code: 'queue-overflowing', severity: 'critical' }),
  aFinding({}),
  aFinding({ muted: true }, groupRow({ port: 53 })),
  aFinding({ code: 'not-a-group', severity: 'info' }),
]
const texts = (withMuted: boolean) =>
  listItems(list, withMuted).map((item) => (item.kind === 'heading' ? item.text : item.finding.code))

test('one heading per severity present', () => {
  expect(texts(false)).toEqual(['Critical', 'queue-overflowing', 'Warnings', 'port-hijackable', 'Notes', 'not-a-group'])
})

test('muted ones come last, if requested', () => {
  expect(texts(true).slice(-2)).toEqual(['Muted', 'port-hijackable'])
})

test('no findings give no items', () => {
  expect(listItems([], true)).toEqual([])
})
