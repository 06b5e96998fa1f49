/** Desktop notifications: off at first, none while the page has the focus, one for what comes together. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createStore, type StoreApi } from 'zustand'
import type { FindingRow } from '../../../../electron/contract/analysis.ts'
import { DEFAULT_SETTINGS } from '../../../../electron/contract/default-settings.ts'
import { startNotifications } from '../../../../renderer/app/notifications.ts'
import type { HostsState } from '../../../../renderer/model/hosts/hosts.ts'
import { createPageStore, type PageStore } from '../../../../renderer/model/store/store.ts'
import { aFinding, aFindingsChange } from '../../../doubles/findings.ts'
import { groupRow } from '../../../doubles/group-rows.ts'

const page = { location: { hash: '#/groups' } }
let near: PageStore
let shown: { body: string; click: () => void }[]
let free: boolean
let hosts: StoreApi<HostsState>

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('window', page)
  near = createPageStore()
  shown = []
  free = true
  const none = { client: null, connections: [], shown: null, chosen: null, stores: new Map() }
  hosts = createStore<HostsState>(() => none)
  const desktop = {
    isFree: () => free,
    show: ({ body }: { body: string }, click: () => void) => void shown.push({ body, click }),
  }
  startNotifications(desktop, { near, state: hosts, show: (name) => hosts.setState({ shown: name }) })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const turn = (store: PageStore, notifyOnCritical: boolean) =>
  store.session.setState({ settings: { ...DEFAULT_SETTINGS, notifyOnCritical } })
const full = (port: number, given: Partial<FindingRow> = {}) =>
  aFinding(
    { code: 'queue-overflowing', severity: 'critical', summary: `${port} is full.`, ...given },
    groupRow({ port }),
  )
const find = (store: PageStore, ...rows: FindingRow[]) => store.findings.take(aFindingsChange(rows, { reset: true }))
const bodies = () => shown.map(({ body }) => body)

test('nothing is shown unless the user wants it', () => {
  turn(near, false)
  find(near)
  find(near, full(443))
  vi.advanceTimersByTime(60_000)
  expect(shown).toEqual([])
})

test('what was critical when they were turned on is not shown; what comes then is, and a click leads to it', () => {
  find(near, full(80))
  turn(near, true)
  find(near, full(80), full(443))
  expect(shown).toEqual([])
  vi.advanceTimersByTime(2000)
  expect(bodies()).toEqual(['443 is full.'])
  shown[0]?.click()
  expect(page.location.hash).toBe(`#/findings/${full(443).id}`)
})

test('ten groups at once are one notification, and a storm is one every 30 seconds', () => {
  turn(near, true)
  find(near)
  const ten = Array.from({ length: 10 }, (_, at) => full(8000 + at))
  find(near, ...ten.slice(0, 4))
  vi.advanceTimersByTime(500)
  find(near, ...ten)
  vi.advanceTimersByTime(2000)
  expect(bodies()).toEqual(['10 groups are in trouble.'])
  for (let at = 0; at < 20; at++) {
    find(near, ...ten, full(9000 + at), full(9100 + at))
    vi.advanceTimersByTime(1000)
  }
  expect(shown).toHaveLength(1)
  vi.advanceTimersByTime(30_000)
  // Only those that are still critical are counted.
  expect(bodies()[1]).toBe('2 groups are in trouble.')
})

test('none while the page has the focus, of what has cleared meanwhile, or of a snapshot', () => {
  turn(near, true)
  find(near)
  free = false
  find(near, full(443))
  vi.advanceTimersByTime(2000)
  free = true
  find(near, full(443), full(80))
  find(near, full(443))
  vi.advanceTimersByTime(60_000)
  near.session.setState({
    source: { id: 'saved/a', name: 'a', kind: 'snapshot', snapshots: 1 } as unknown as ReturnType<
      PageStore['session']['getState']
    >['source'],
  })
  find(near, full(9))
  vi.advanceTimersByTime(60_000)
  expect(shown).toEqual([])
})

test('hosts that are connected notify too, and a click shows the host', () => {
  const far = createPageStore()
  hosts.setState({ stores: new Map([['far', far]]) })
  turn(far, true)
  find(far)
  find(far, full(53))
  vi.advanceTimersByTime(2000)
  expect(bodies()).toEqual(['53 is full.'])
  shown[0]?.click()
  expect(hosts.getState().shown).toBe('far')
})
