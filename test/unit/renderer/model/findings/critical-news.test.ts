/** What is news: an incident that has become critical, once. And how it is said. */
import { expect, test } from 'vitest'
import type { FindingRow } from '../../../../../electron/contract/analysis.ts'
import { CriticalNews, notificationOf } from '../../../../../renderer/model/findings/critical-news.ts'
import { aFinding } from '../../../../doubles/findings.ts'
import { groupRow } from '../../../../doubles/group-rows.ts'

const critical = (code: FindingRow['code'], port: number, given: Partial<FindingRow> = {}) =>
  aFinding({ code, severity: 'critical', summary: `${code} on ${port}.`, ...given }, groupRow({ port }))

const codes = (incidents: ReturnType<CriticalNews['take']>) =>
  incidents.map(({ lead }) => `${lead.code} ${lead.key.port}`)

test('what is in the first list is not new; what becomes critical is, once for an incident', () => {
  const news = new CriticalNews()
  const old = critical('queue-overflowing', 80)
  expect(news.take([old], 0)).toEqual([])
  const stalled = critical('member-stalled', 443)
  expect(codes(news.take([old, stalled], 1000))).toEqual(['member-stalled 443'])
  // The overflow is of the same incident.
  expect(news.take([old, stalled, critical('queue-overflowing', 443)], 2000)).toEqual([])
})

test('warnings and muted findings are no news; a warning that becomes critical is', () => {
  const news = new CriticalNews()
  news.take([], 0)
  const warning = { ...critical('member-stalled', 443), severity: 'warning' as const }
  expect(news.take([warning, critical('queue-overflowing', 80, { muted: true })], 1000)).toEqual([])
  expect(codes(news.take([critical('member-stalled', 443)], 2000))).toEqual(['member-stalled 443'])
})

test('an incident that comes back soon is the same news; after ten minutes it is new', () => {
  const news = new CriticalNews()
  news.take([], 0)
  const finding = critical('queue-overflowing', 80)
  expect(news.take([finding], 1000)).toHaveLength(1)
  news.take([], 2000)
  expect(news.take([finding], 60_000)).toEqual([])
  news.take([], 61_000)
  expect(news.take([finding], 61_000 + 10 * 60_000)).toHaveLength(1)
})

test('one incident is said with its finding, several groups with their number, hostile names visibly', () => {
  const incident = (port: number, summary: string) => {
    const lead = critical('queue-overflowing', port, { summary })
    return { lead, also: [] }
  }
  const first = incident(443, 'The queue of \u202egnp.exe\u0007 is full.')
  expect(notificationOf('edge\u202e-07', [first])).toEqual({
    title: 'Critical on edge\\u202e-07',
    body: 'The queue of \\u202egnp.exe\\x07 is full.',
    tag: expect.any(String),
    route: { screen: 'findings', finding: first.lead.id },
  })
  const ten = Array.from({ length: 10 }, (_, at) => incident(8000 + at, 'Full.'))
  expect(notificationOf('edge-07', ten)).toMatchObject({
    body: '10 groups are in trouble.',
    route: { screen: 'findings' },
  })
  expect(notificationOf('edge-07', [])).toBeNull()
})
