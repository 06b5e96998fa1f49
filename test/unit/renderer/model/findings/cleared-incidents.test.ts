import { expect, test } from 'vitest'
import type { LoggedEvent } from '../../../../../electron/contract/events.ts'
import { clearedIncidents, clearedWith } from '../../../../../renderer/model/findings/cleared-incidents.ts'
import { groupRow } from '../../../../doubles/group-rows.ts'
import { anEvent } from '../../../../doubles/memory.ts'

const START = Date.parse('2026-11-30T14:47:10.000Z')
const at = (seconds: number) => new Date(START + 1000 * seconds).toISOString()
const row = groupRow()
const OVERFLOW = `queue-overflowing:${row.id}`
const STALLED = `member-stalled:${row.id}`

type Told = [second: number, kind: 'raised' | 'cleared', finding: string, began: number, lost: number | null]

/** The newest first, as the page has them. */
function events(...told: Told[]): LoggedEvent[] {
  return told
    .map(([second, kind, finding, began, lost], index) =>
      anEvent({
        id: index + 1,
        at: at(second),
        kind,
        finding,
        severity: finding === STALLED ? 'warning' : 'critical',
        summary: `${kind} ${finding.split(':')[0]} at ${second}`,
        incident: { beganAt: at(began), lost },
      }),
    )
    .reverse()
}

test('findings of one cause are one incident, with its time, its loss and the most important one first', () => {
  const list = events(
    [0, 'raised', STALLED, 0, 3],
    [2, 'raised', OVERFLOW, 0, 9],
    [20, 'cleared', STALLED, 0, 90],
    [25, 'cleared', OVERFLOW, 0, 120],
  )
  const [incident, ...others] = clearedIncidents([anEvent(), ...list])
  expect(others).toEqual([])
  expect(incident).toMatchObject({
    beganAt: START,
    clearedAt: START + 25_000,
    lost: 120,
    owner: row.owners[0]?.command,
    lead: { id: OVERFLOW, summary: 'raised queue-overflowing at 2', raisedAt: START + 2000, clearedAt: START + 25_000 },
    also: [{ id: STALLED, severity: 'warning', raisedAt: START, clearedAt: START + 20_000 }],
  })
})

test('it is over only when the last of its findings has cleared', () => {
  const open: Told[] = [
    [0, 'raised', STALLED, 0, 3],
    [2, 'raised', OVERFLOW, 0, 9],
    [20, 'cleared', STALLED, 0, 90],
  ]
  expect(clearedIncidents(events(...open))).toEqual([])
  expect(clearedIncidents(events(...open, [25, 'cleared', OVERFLOW, 0, 120]))).toHaveLength(1)
  expect(clearedIncidents(events(...open, [25, 'cleared', OVERFLOW, 0, 9], [26, 'raised', STALLED, 0, 9]))).toEqual([])
})

test('the same trouble at another time is another incident; a link without a time means the newest', () => {
  const incidents = clearedIncidents(
    events(
      [0, 'raised', OVERFLOW, 0, 3],
      [9, 'cleared', OVERFLOW, 0, 5],
      [60, 'raised', OVERFLOW, 60, 1],
      [70, 'cleared', OVERFLOW, 60, 7],
    ),
  )
  expect(incidents.map(({ lost }) => lost)).toEqual([7, 5])
  expect(clearedWith(incidents, OVERFLOW, null)?.lost).toBe(7)
  expect(clearedWith(incidents, OVERFLOW, START)?.lost).toBe(5)
  expect(clearedWith(incidents, STALLED, null)).toBeUndefined()
  expect(clearedWith(incidents, OVERFLOW, START + 1)).toBeUndefined()
})

test('where the beginning is forgotten, the end still says when it began and what it cost', () => {
  expect(clearedIncidents(events([25, 'cleared', OVERFLOW, 0, 120]))).toMatchObject([
    { beganAt: START, clearedAt: START + 25_000, lost: 120, lead: { summary: 'queue full', raisedAt: null } },
  ])
})
