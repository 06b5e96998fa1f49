/** The page's state is made by a function: what happens in one store is in no other. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { GroupsChange } from '../../../../../electron/contract/live.ts'
import { createPageStore, type PageStore } from '../../../../../renderer/model/store/store.ts'
import { aFinding, aFindingsChange } from '../../../../doubles/findings.ts'
import { groupRow, withQueue } from '../../../../doubles/group-rows.ts'
import { aLab, aWorker } from '../../../../doubles/lab.ts'
import { aSampling } from '../../../../doubles/snapshots.ts'

const lab = aLab({ id: '1', workers: [0, 1].map((index) => aWorker(index, { received: 5 })) })
const row = withQueue(groupRow(), 0, 512)
const change: GroupsChange = {
  cursor: 'c',
  reset: true,
  more: false,
  removed: [],
  rows: [row],
  totals: { groups: 1, sockets: 4, unshared: 0, ownersHidden: 0, processesRefused: 0 },
  namespaces: [{ inode: row.netns, name: 'host', self: true }],
  sampler: aSampling(),
}

/** Everything that a store shows. */
function shown({ session, view, findings, events, lab, groups }: PageStore): unknown {
  return {
    session: { ...session.getState(), link: null },
    view: { ...view.state.getState(), filter: view.state.getState().filter.text },
    order: view.groups.order.map(({ id }) => id),
    subjects: [...view.subjects()].map(({ row }) => row.id),
    findings: findings.state.getState(),
    lab: lab.state.getState(),
    shares: lab.historyOf('1').samples.length,
    events: events.state.getState(),
    history: groups.history.groups,
  }
}

/** Uses every part. */
function fill(store: PageStore): void {
  store.groups.table.apply(change, Date.now())
  store.session.setState({ namespaces: change.namespaces, totals: change.totals, complete: true })
  store.findings.take(aFindingsChange([aFinding({}, row)]))
  store.lab.take({ cursor: 'l', labs: [lab], unresponsive: ['2'], ended: [], run: null }, Date.now())
  store.view.setFilter('port:443')
  store.view.select(row.id)
  void store.changeSettings({ unsharedSockets: true, sort: { column: 'port', descending: true } })
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a store that is used leaves another as it was made, and both can be used', () => {
  const [one, other, untouched] = [createPageStore(), createPageStore(), createPageStore()]
  const before = shown(other)
  fill(one)
  expect(shown(one)).toMatchObject({ order: [row.id], shares: 1, view: { selected: row.id, counts: { critical: 1 } } })
  expect(shown(other)).toEqual(before)
  fill(other)
  expect(shown(other)).toEqual(shown(one))
  expect(shown(untouched)).toEqual(before)
})
