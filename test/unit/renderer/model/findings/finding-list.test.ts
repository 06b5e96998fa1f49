import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { FindingList, HELD_MS } from '../../../../../renderer/model/findings/finding-list.ts'
import { aFinding, aFindingsChange as change } from '../../../../doubles/findings.ts'
import { groupRow } from '../../../../doubles/group-rows.ts'

const NOW = 1_700_000_000_000
const web = groupRow({ port: 443 })
const dns = groupRow({ port: 53 })
const full = aFinding({ code: 'queue-overflowing', severity: 'critical' }, web)
const open = aFinding({}, web)
const shadowed = aFinding({ code: 'group-shadowed', severity: 'info' }, dns)

let list: FindingList
const codes = () => list.order.map(({ code }) => code)
beforeEach(() => {
  list = new FindingList()
})

test('by severity, newest first within each', () => {
  const newer = aFinding({ raisedAt: '2026-02-01T00:00:00.000Z' }, dns)
  list.apply(change([shadowed, open, newer, full], { reset: true }), NOW)
  expect(list.order.map(({ code, group }) => [code, group])).toEqual([
    ['queue-overflowing', web.id],
    ['port-hijackable', dns.id],
    ['port-hijackable', web.id],
    ['group-shadowed', dns.id],
  ])
  expect(list.of(web.id).map(({ code }) => code)).toEqual(['port-hijackable', 'queue-overflowing'])
})

test('only groups with changes are reported', () => {
  expect(list.apply(change([full, shadowed], { reset: true }), NOW)).toEqual(new Set([web.id, dns.id]))
  const before = list.order
  expect(list.apply(change([]), NOW)).toEqual(new Set())
  expect(list.order).toBe(before)
  expect(list.apply(change([], { removed: [shadowed.id] }), NOW)).toEqual(new Set([dns.id]))
  expect(list.of(dns.id)).toEqual([])
})

test('one that cleared and was raised again in one change stays', () => {
  list.apply(change([full], { reset: true }), NOW)
  list.apply(change([{ ...full, summary: 'again' }], { removed: [full.id] }), NOW)
  expect(list.order.map(({ summary }) => summary)).toEqual(['again'])
})

test('a frame replaced page by page drops missing findings at its end', () => {
  list.apply(change([full, open, shadowed], { reset: true }), NOW)
  list.apply(change([open], { reset: true, more: true }), NOW)
  expect(codes()).toContain('queue-overflowing')
  list.apply(change([shadowed]), NOW)
  expect(codes()).toEqual(['port-hijackable', 'group-shadowed'])
})

describe('a finding that becomes less severe', () => {
  const calmer = { ...full, severity: 'warning' as const, summary: 'full, and loses nothing now' }

  test('keeps its severity for a moment, with its current text', () => {
    list.apply(change([full], { reset: true }), NOW)
    list.apply(change([calmer]), NOW + 1000)
    expect(list.get(full.id)).toMatchObject({ severity: 'critical', summary: calmer.summary })
    list.apply(change([full]), NOW + 2000)
    list.apply(change([calmer]), NOW + 3000)
    list.apply(change([]), NOW + 2000 + HELD_MS - 1)
    expect(list.get(full.id)?.severity).toBe('critical')
    expect(list.apply(change([]), NOW + 2000 + HELD_MS)).toEqual(new Set([web.id]))
    expect(list.get(full.id)?.severity).toBe('warning')
  })

  test('becomes more severe at once', () => {
    list.apply(change([calmer], { reset: true }), NOW)
    list.apply(change([full]), NOW)
    expect(list.get(full.id)?.severity).toBe('critical')
  })
})

describe('muted', () => {
  test('by type or one by one, whatever the engine marks', () => {
    list.apply(change([full, open, shadowed], { reset: true }), NOW)
    expect(list.mute(['group-shadowed', full.id])).toEqual(new Set([web.id, dns.id]))
    expect(list.order.filter(({ muted }) => muted).map(({ code }) => code)).toEqual([
      'queue-overflowing',
      'group-shadowed',
    ])
    list.apply(change([{ ...full, muted: false }]), NOW)
    expect(list.get(full.id)?.muted).toBe(true)
    list.mute([])
    expect(list.order.some(({ muted }) => muted)).toBe(false)
  })

  test('until the settings are known, as the engine marks it', () => {
    list.apply(change([{ ...full, muted: true }], { reset: true }), NOW)
    expect(list.get(full.id)?.muted).toBe(true)
  })
})

test('for any changes, the order equals a full sort, and each group has its own findings', () => {
  const one = fc.record({
    port: fc.integer({ min: 1, max: 4 }),
    code: fc.constantFrom('queue-overflowing', 'port-hijackable', 'of-a-later-engine'),
    severity: fc.constantFrom('critical' as const, 'warning' as const, 'info' as const),
    day: fc.integer({ min: 1, max: 9 }),
  })
  const answer = fc.record({
    rows: fc.array(one, { maxLength: 6 }),
    gone: fc.array(one, { maxLength: 3 }),
    reset: fc.boolean(),
  })
  const made = ({ port, code, severity, day }: typeof one extends fc.Arbitrary<infer One> ? One : never) =>
    aFinding({ code, severity, raisedAt: `2026-01-0${day}T00:00:00.000Z` }, groupRow({ port }))
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 10 }), (answers) => {
      const list = new FindingList()
      let now = NOW
      for (const { rows, gone, reset } of answers) {
        list.apply(change(rows.map(made), { reset, removed: gone.map((one) => made(one).id) }), now)
        now += HELD_MS
        list.apply(change([]), now)
        const anew = new FindingList()
        anew.apply(change([...list.order].reverse(), { reset: true }), now)
        expect(list.order.map(({ id }) => id)).toEqual(anew.order.map(({ id }) => id))
        expect(new Set(list.order.map(({ id }) => id)).size).toBe(list.order.length)
        for (let port = 1; port <= 4; port++) {
          const { id } = groupRow({ port })
          expect(
            list
              .of(id)
              .map((row) => row.id)
              .sort(),
          ).toEqual(
            list.order
              .filter(({ group }) => group === id)
              .map((row) => row.id)
              .sort(),
          )
        }
      }
    }),
  )
})
