import { describe, expect, test } from 'vitest'
import { severityOf } from '../../../../../electron/contract/trouble.ts'
import { urgencyOf } from '../../../../../renderer/model/groups/severity.ts'
import { aFinding } from '../../../../doubles/findings.ts'
import { groupRow, withQueue } from '../../../../doubles/group-rows.ts'

describe('the most severe comes first', () => {
  const calm = groupRow()
  test.each([
    ['nothing', calm, 'none', null],
    ['a full queue', withQueue({ ...calm, dropsPerSecond: 3 }, 1, 512), 'critical', 'queue full'],
    ['drops', { ...calm, dropsPerSecond: 0.4 }, 'critical', 'dropping'],
    ['nearly full', withQueue(calm, 1, 500), 'warning', 'nearly full'],
    ['the newest takes all', groupRow({ sharing: 'reuseaddr', receiving: 2 }), 'info', 'newest takes all'],
    ['hidden owners', groupRow({ ownersHidden: 4 }), 'info', 'owners hidden'],
    ['unknown drops', { ...calm, dropsPerSecond: null, drops: null }, 'none', null],
    [
      'an unshared socket whose owner is hidden',
      groupRow({ sharing: 'none', receiving: 1, ownersHidden: 1 }),
      'none',
      null,
    ],
  ])('%s', (_, row, severity, tag) => {
    expect(severityOf(row)).toEqual({ severity, tag })
  })
})

test('among groups in trouble, those that lose clients come first', () => {
  const stalled = aFinding({ code: 'member-stalled', severity: 'critical' })
  const urgency = (row = groupRow(), findings = [stalled]) =>
    urgencyOf({ row, findings, trouble: severityOf(row, findings) })
  const standing = urgency(withQueue(groupRow(), 1, 60))
  expect(urgency(withQueue(groupRow(), 1, 512))).toBeGreaterThan(standing)
  expect(urgency(groupRow({ dropsPerSecond: 3 }))).toBeGreaterThan(standing)
  // Between bursts the finding stays raised, and the group keeps its place.
  const between = [stalled, aFinding({ code: 'udp-receive-drops' })]
  expect(urgency(groupRow(), between)).toBe(urgency(groupRow({ dropsPerSecond: 3 }), between))
  expect(standing).toBeGreaterThan(urgency(withQueue(groupRow(), 1, 500), []))
})

describe('findings and the row', () => {
  const calm = groupRow()
  const full = withQueue(calm, 1, 512)
  const open = aFinding({ severity: 'warning' })
  const stalled = aFinding({ code: 'member-stalled', severity: 'critical' })
  const noted = aFinding({ code: 'group-shadowed', severity: 'info' })

  test.each([
    ['the most severe finding wins', calm, [noted, open], 'warning', 'open to others'],
    ['the row wins if it is more severe', full, [open], 'critical', 'queue full'],
    ['the cause wins if both are equally severe', full, [stalled], 'critical', 'stalled'],
    ['muted ones are ignored', calm, [{ ...open, muted: true }, noted], 'info', 'shadowed'],
    ['what the row shows itself is left to it', calm, [aFinding({ code: 'queue-overflowing' })], 'none', null],
    ['an unknown type is named by its code', calm, [aFinding({ code: 'of-a-later-engine' })], 'warning', 'of a later'],
    [
      'a muted note is not shown by the row either',
      groupRow({ sharing: 'reuseaddr', receiving: 2 }),
      [aFinding({ code: 'udp-newest-takes-all', muted: true })],
      'none',
      null,
    ],
  ])('%s', (_, row, findings, severity, tag) => {
    expect(severityOf(row, findings)).toEqual({ severity, tag })
  })
})
