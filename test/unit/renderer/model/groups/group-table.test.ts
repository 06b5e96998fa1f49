import { beforeEach, describe, expect, test } from 'vitest'
import type { GroupRow, GroupsChange } from '../../../../../electron/contract/live.ts'
import { NO_TROUBLE } from '../../../../../electron/contract/trouble.ts'
import { GONE_MS, GroupTable, HELD_MS, NEW_MS } from '../../../../../renderer/model/groups/group-table.ts'
import { History } from '../../../../../renderer/model/history/history.ts'
import { aFinding } from '../../../../doubles/findings.ts'
import { groupRow, withQueue } from '../../../../doubles/group-rows.ts'

const NOW = 1_700_000_000_000

function change(rows: GroupRow[], given: Partial<GroupsChange> = {}): GroupsChange {
  return {
    cursor: 'p',
    reset: false,
    more: false,
    rows,
    removed: [],
    totals: { sockets: 0, groups: 0, unshared: 0, ownersHidden: 0, processesRefused: 0 },
    namespaces: [],
    sampler: {
      refresh: 1,
      takenAt: new Date(NOW).toISOString(),
      durationMs: 1,
      intervalMs: 1000,
      requestedIntervalMs: 1000,
      paused: false,
      problem: null,
    },
    ...given,
  }
}

const a = groupRow({ port: 1 })
const b = groupRow({ port: 2 })
const c = groupRow({ port: 3 })

let table: GroupTable
let told: string[][]
beforeEach(() => {
  table = new GroupTable(new History(1 << 20))
  table.apply(change([a, b], { reset: true }), NOW)
  told = []
  table.subscribeAll((touched) => told.push([...touched].map(({ row }) => String(row.port))))
})

describe('added and removed groups', () => {
  test('nothing in the first frame is new', () => {
    expect([...table.entries()].map(({ presence }) => presence)).toEqual(['here', 'here'])
  })

  test('what did not change in a row stays the same object', () => {
    const before = table.get(a.id)?.row
    const received = structuredClone({ ...a, drops: 7, pids: [1] })
    table.apply(change([structuredClone(received)]), NOW)
    const row = table.get(a.id)?.row
    expect(row).toEqual(received)
    expect(row?.owners).toBe(before?.owners)
    expect(row?.queueUtilization).toBe(before?.queueUtilization)
    expect(row?.pids).not.toBe(before?.pids)
  })

  test('a later group is new for a while', () => {
    table.apply(change([c]), NOW)
    expect(table.get(c.id)?.presence).toBe('new')
    table.sweep(NOW + NEW_MS - 1)
    expect(table.get(c.id)?.presence).toBe('new')
    table.sweep(NOW + NEW_MS)
    expect(table.get(c.id)?.presence).toBe('here')
  })

  test('a removed group stays for a moment, and is then dropped', () => {
    table.apply(change([], { removed: [a.id] }), NOW)
    expect(table.get(a.id)?.presence).toBe('gone')
    table.sweep(NOW + GONE_MS)
    expect(table.get(a.id)).toBeUndefined()
    expect(table.size).toBe(1)
  })

  test('one that returns within that moment is new and stays', () => {
    table.apply(change([], { removed: [a.id] }), NOW)
    const entry = table.get(a.id)
    table.apply(change([a]), NOW + 100)
    expect(table.get(a.id)).toBe(entry)
    expect(entry?.presence).toBe('new')
    table.sweep(NOW + 60_000)
    expect(entry?.presence).toBe('here')
  })

  test('one removed and added in the same change is present', () => {
    table.apply(change([a], { removed: [a.id] }), NOW)
    expect(table.get(a.id)?.presence).toBe('new')
    table.sweep(NOW + 60_000)
    expect(table.get(a.id)?.presence).toBe('here')
  })

  test('one that returns and is removed again stays for the full moment', () => {
    table.apply(change([], { removed: [a.id] }), NOW)
    table.apply(change([a]), NOW + 400)
    table.apply(change([], { removed: [a.id] }), NOW + 800)
    table.sweep(NOW + GONE_MS)
    expect(table.get(a.id)?.presence).toBe('gone')
    table.sweep(NOW + 800 + GONE_MS)
    expect(table.get(a.id)).toBeUndefined()
  })
})

describe('a replaced frame', () => {
  test('keeps entries that are also in the new one, page by page, and drops the others at its end', () => {
    const before = table.get(a.id)
    table.apply(change([c], { reset: true, more: true }), NOW)
    expect(table.get(b.id)?.presence).toBe('here')
    table.apply(change([a]), NOW)
    expect(table.get(a.id)).toBe(before)
    expect(table.get(b.id)).toBeUndefined()
  })

  test('marks nothing as new or removed', () => {
    table.apply(change([a, c], { reset: true }), NOW)
    expect([...table.entries()].map(({ presence }) => presence)).toEqual(['here', 'here'])
    table.apply(change([b]), NOW)
    expect(table.get(b.id)?.presence).toBe('new')
  })
})

describe('listeners', () => {
  test('are called only for changes', () => {
    let calls = 0
    const stop = table.subscribe(a.id, () => calls++)
    table.apply(change([b]), NOW)
    expect(told).toEqual([['2']])
    expect(calls).toBe(0)
    table.apply(change([{ ...a, holders: 9 }]), NOW)
    expect(calls).toBe(1)
    stop()
    table.apply(change([a]), NOW)
    expect(calls).toBe(1)
  })

  test('get the same entry object at every refresh, with a new version', () => {
    const entry = table.get(a.id)
    const version = entry?.version
    table.apply(change([{ ...a, holders: 9 }]), NOW)
    expect(table.get(a.id)).toBe(entry)
    expect(entry?.version).not.toBe(version)
  })
})

describe('flashes', () => {
  test('a queue that enters another band flashes, smaller changes do not', () => {
    table.apply(change([withQueue(a, 0, 3)]), NOW)
    const entry = table.get(a.id)
    const before = entry?.flashes.queue ?? 0
    table.apply(change([withQueue(a, 0, 5)]), NOW)
    expect(entry?.flashes.queue).toBe(before)
    table.apply(change([withQueue(a, 0, 500)]), NOW)
    expect(entry?.flashes.queue).toBe(before + 1)
  })

  test('drops that start and stop flash', () => {
    const entry = table.get(a.id)
    table.apply(change([{ ...a, dropsPerSecond: 38 }]), NOW)
    table.apply(change([{ ...a, dropsPerSecond: 39 }]), NOW)
    expect(entry?.flashes.drops).toBe(1)
    table.apply(change([a]), NOW)
    expect(entry?.flashes.drops).toBe(2)
  })
})

test('the first frame of another source lights up nothing', () => {
  const entry = table.get(a.id)
  table.switchTo(new History(1 << 20), false)
  table.apply(change([{ ...a, dropsPerSecond: 38, holders: 9 }], { reset: true }), NOW)
  expect(entry?.flashes).toEqual({ members: 0, owners: 0, sharing: 0, queue: 0, drops: 0 })
  table.apply(change([{ ...a, dropsPerSecond: 0 }]), NOW)
  expect(entry?.flashes.drops).toBe(1)
})

describe('trouble', () => {
  test('shows immediately, and ends with a delay', () => {
    table.apply(change([withQueue(a, 0, 512)]), NOW)
    const entry = table.get(a.id)
    expect(entry?.trouble).toEqual({ severity: 'critical', tag: 'queue full' })
    table.apply(change([a]), NOW)
    expect(entry?.trouble).toEqual({ severity: 'warning', tag: 'was full' })
    table.sweep(NOW + HELD_MS - 1)
    expect(entry?.trouble.tag).toBe('was full')
    table.sweep(NOW + HELD_MS)
    expect(entry?.trouble).toEqual({ severity: 'none', tag: null })
  })

  test('that returns while it is held is critical again', () => {
    table.apply(change([withQueue(a, 0, 512)]), NOW)
    table.apply(change([a]), NOW)
    table.apply(change([withQueue(a, 0, 512)]), NOW)
    table.sweep(NOW + HELD_MS)
    expect(table.get(a.id)?.trouble.severity).toBe('critical')
  })
})

describe('findings', () => {
  const open = aFinding({}, a)

  test('show in the row, and only those rows are notified', () => {
    table.setFindings(new Map([[a.id, [open]]]), NOW)
    expect(table.get(a.id)?.trouble).toEqual({ severity: 'warning', tag: 'open to others' })
    expect(told).toEqual([['1']])
    table.setFindings(new Map([[a.id, []]]), NOW)
    expect(table.get(a.id)?.trouble).toEqual(NO_TROUBLE)
  })

  test('wait for a group that is not there yet', () => {
    table.setFindings(new Map([[c.id, [aFinding({}, c)]]]), NOW)
    table.apply(change([c]), NOW)
    expect(table.get(c.id)?.trouble.tag).toBe('open to others')
  })

  test('that were critical end at once, since they do not flap', () => {
    const stalled = aFinding({ code: 'member-stalled', severity: 'critical' }, a)
    table.setFindings(new Map([[a.id, [stalled]]]), NOW)
    expect(table.get(a.id)?.trouble).toEqual({ severity: 'critical', tag: 'stalled' })
    table.setFindings(new Map([[a.id, []]]), NOW)
    expect(table.get(a.id)?.trouble).toEqual(NO_TROUBLE)
  })
})
