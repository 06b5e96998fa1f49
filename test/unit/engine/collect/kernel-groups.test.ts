/** The kernel's own groups as they change from one answer of the BPF reader to the next. */
import { expect, test } from 'vitest'
import type { ReadGroup } from '../../../../electron/engine/collect/bpf-reader.ts'
import { FrameFields } from '../../../../electron/engine/collect/frame-fields.ts'
import type { FrameView } from '../../../../electron/engine/collect/frame-view.ts'
import { KernelGroups, kernelGroupOf } from '../../../../electron/engine/collect/kernel-groups.ts'
import { layout } from '../../../../native/layout.generated.ts'
import { ending, notInstalled } from '../../../doubles/bpf-program.ts'
import { fakeFrame } from '../support/frame.ts'

const read = (id: number, members: (string | null)[], more: Partial<ReadGroup> = {}): ReadGroup => ({
  id,
  netns: 1,
  port: 80,
  members,
  closed: [],
  maxSocks: 128,
  bindInany: false,
  hasConns: false,
  program: null,
  ...more,
})

test('each group is found by its first member that has a cookie', () => {
  const groups = new KernelGroups(null)
  groups.apply({ groups: [read(0, ['7', '8']), read(1, [null, '9'])], removed: [] })
  expect([7n, 8n, 9n].map((cookie) => groups.startingWith(cookie)?.id)).toEqual([0, undefined, 1])
})

test('a changed group replaces the old one, and an id that is used again stands for the new one', () => {
  const groups = new KernelGroups(null)
  groups.apply({ groups: [read(0, ['7', '8'])], removed: [] })
  groups.apply({ groups: [read(0, ['8'])], removed: [] })
  expect([groups.startingWith(7n), groups.startingWith(8n)?.id]).toEqual([undefined, 0])
  groups.apply({ groups: [read(0, ['20'], { maxSocks: 256 })], removed: [] })
  expect([groups.startingWith(8n), groups.startingWith(20n)?.maxSocks]).toEqual([undefined, 256])
  groups.apply({ groups: [], removed: [0, 5] })
  expect(groups.startingWith(20n)).toBeUndefined()
})

test('an answer in parts counts as one, and is known and compared once it is complete', async () => {
  const groups = new KernelGroups(null)
  groups.unavailable = null
  groups.apply({ groups: [read(0, ['7'])], removed: [], more: true })
  expect([groups.known, groups.readings, groups.startingWith(7n)?.id]).toEqual([false, 0, 0])
  groups.apply({ groups: [], removed: [], more: false })
  expect([groups.known, groups.readings]).toEqual([true, 1])
  groups.apply({ groups: [read(0, ['8'])], removed: [], more: true })
  groups.apply({ groups: [read(1, ['7'])], removed: [], more: true })
  groups.apply({ groups: [], removed: [5] })
  expect([groups.readings, groups.startingWith(7n)?.id, groups.startingWith(8n)?.id]).toEqual([2, 1, 0])
})

test('a socket that moves on to another group is found there, in whatever order the two change', () => {
  for (const order of [
    [read(0, ['8']), read(1, ['7'])],
    [read(1, ['7']), read(0, ['8'])],
  ]) {
    const groups = new KernelGroups(null)
    groups.apply({ groups: [read(0, ['7', '8']), read(1, ['5'])], removed: [] })
    groups.apply({ groups: order, removed: [] })
    expect([5n, 7n, 8n].map((cookie) => groups.startingWith(cookie)?.id)).toEqual([undefined, 1, 0])
  }
})

test('UDP has no half-open requests, and an empty place of a map is left out', () => {
  const program = {
    id: 1,
    name: 'pick',
    tag: '0123456789abcdef',
    type: 21,
    loadedAt: 0,
    mapCount: 2,
    maps: [
      { id: 2, name: 'socks', type: 20, maxEntries: 3, sockets: ['', null, '7'] },
      { id: 3, name: 'counts', type: 2, maxEntries: 1 },
    ],
  }
  const group = kernelGroupOf(read(0, ['7'], { program }))
  expect(group.halfOpen).toBeNull()
  expect(group.program).toEqual({
    kind: 'extended',
    ...program,
    loadedAt: '1970-01-01T00:00:00.000Z',
    maps: [
      {
        id: 2,
        name: 'socks',
        type: 20,
        maxEntries: 3,
        places: [
          { key: 1, cookie: null },
          { key: 2, cookie: '7' },
        ],
      },
      { id: 3, name: 'counts', type: 2, maxEntries: 1, places: null },
    ],
  })
})

test('without the program nothing is known, and the reason is', async () => {
  const none = new KernelGroups(notInstalled)
  await none.read()
  expect(none.known).toBe(false)
  expect(none.unavailable).toMatch(/^the BPF reader is not installed \(\/nonexistent\/reuseport-bpf\)/)
  const reasonOf = async (how: Parameters<typeof ending>[0]) => {
    const groups = new KernelGroups(ending(how))
    await groups.read()
    return groups.unavailable
  }
  expect(await reasonOf({ status: 1 })).toBe('the BPF reader ended (status 1)')
  expect(await reasonOf({ signal: 9 })).toBe('the BPF reader ended (SIGKILL)')
  expect(await reasonOf({ errorText: 'not permitted\n', status: 1 })).toBe('not permitted')
  expect(await reasonOf({})).toBe('the BPF reader does not answer')
})

/** A frame of one group on port 80, with SO_REUSEPORT read from each socket; and what the addon gets from it. */
function separation(protocol: 6 | 17, ...cookies: number[]) {
  return separationAt(1, 1, protocol, ...cookies)
}

/** The same in a later frame, in which the members last changed at `membersChanged`. */
function separationAt(refresh: number, membersChanged: number, protocol: 6 | 17, ...cookies: number[]) {
  const { kOptionsFromSocket, kReusePort } = layout.numbers
  const sockets = cookies.map((cookie) => ({
    cookie: BigInt(cookie),
    state: protocol === 6 ? (1 as const) : (3 as const),
    options: kOptionsFromSocket | kReusePort,
    holders: [{ pid: 1, fd: cookie }],
  }))
  const frame = new FrameFields({
    frame: fakeFrame(refresh, [{ id: 1n, port: 80, protocol, sharing: 1, sockets, membersChanged }]),
    mayDefer: () => false,
  }) as FrameView
  return async (groups: KernelGroups) => {
    const told: [number, number[]][] = []
    await groups.separate(frame, {
      applyKernelGroup: (cookies, number) => told.push([number, [...cookies].map(Number)]),
    })
    return told
  }
}

test('of several kernel groups with one key, the largest keeps the row; others stay apart', async () => {
  const groups = new KernelGroups(null)
  groups.unavailable = null
  groups.apply({ groups: [read(0, ['7']), read(1, ['8', '9'])], removed: [] })
  expect(await separation(6, 7, 8, 9)(groups)).toEqual([[1, [7]]])
  // Not again without another reading.
  expect(await separation(6, 7, 8, 9)(groups)).toEqual([])
  // The first has grown, and is told apart all the same.
  groups.apply({ groups: [read(0, ['7', '10', '11', '12'])], removed: [] })
  expect(await separation(6, 8, 9, 10, 11, 12)(groups)).toEqual([[1, [10, 11, 12]]])
  groups.apply({ groups: [read(0, ['20'])], removed: [0, 1] })
  expect(await separation(6, 20)(groups)).toEqual([])
})

test('a member that a frame shows later than the reading is compared with the next one, of which nothing changed', async () => {
  const groups = new KernelGroups(null)
  groups.unavailable = null
  groups.apply({ groups: [read(0, ['7', '8']), read(1, ['9'])], removed: [] })
  expect(await separationAt(1, 1, 6, 7, 8)(groups)).toEqual([])
  groups.apply({ groups: [], removed: [] })
  // It came with frame 2, and frame 3 is the first that is compared.
  expect(await separationAt(3, 2, 6, 7, 8, 9)(groups)).toEqual([[2, [9]]])
  groups.apply({ groups: [], removed: [] })
  expect(await separationAt(4, 2, 6, 7, 8, 9)(groups)).toEqual([])
})

test('a UDP member in no kernel group is told apart at the second reading: it may be new', async () => {
  const groups = new KernelGroups(null)
  groups.unavailable = null
  groups.apply({ groups: [read(0, ['7', '8'])], removed: [] })
  expect(await separation(17, 7, 8, 9)(groups)).toEqual([])
  groups.apply({ groups: [], removed: [] })
  expect(await separation(17, 7, 8, 9)(groups)).toEqual([[255, [9]]])
})
