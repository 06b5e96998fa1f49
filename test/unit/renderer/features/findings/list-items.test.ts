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
  listItems(list, withMuted).map((item) =>
    item.kind === 'heading' ? item.text : item.kind === 'finding' ? item.finding.code : 'cleared',
  )

test('one heading per severity present', () => {
  expect(texts(false)).toEqual(['Critical', 'queue-overflowing', 'Warnings', 'port-hijackable', 'Notes', 'not-a-group'])
})

test('muted ones come last, if requested', () => {
  expect(texts(true).slice(-2)).toEqual(['Muted', 'port-hijackable'])
})

test('findings of one cause in one group are one item, and the most important one speaks for them', () => {
  const stalled = aFinding({ code: 'member-stalled', severity: 'critical' })
  const clamped = aFinding({ code: 'backlog-clamped' })
  const elsewhere = aFinding({ code: 'backlog-clamped' }, groupRow({ port: 80 }))
  const items = listItems([stalled, ...list.slice(0, 1), clamped, elsewhere], false)
  expect(items.flatMap((item) => (item.kind === 'finding' ? [[item.finding.code, item.also.length]] : []))).toEqual([
    ['queue-overflowing', 2],
    ['backlog-clamped', 0],
  ])
})

test('no findings give no items', () => {
  expect(listItems([], true)).toEqual([])
})
