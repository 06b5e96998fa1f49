/** A reader that follows a recording has, at each snapshot, the same as a reader that starts there. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memberId } from '../../../../electron/contract/ids.ts'
import type { Group, Snapshot } from '../../../../electron/contract/model.ts'
import {
  type StoredFrame,
  storedFindings,
  storedGroup,
  storedGroups,
} from '../../../../electron/engine/snapshots/feed.ts'
import { difference } from '../../../../electron/engine/snapshots/recording.ts'
import { RecordingState } from '../../../../electron/engine/snapshots/recording-state.ts'
import { arbitraryWalk, groupId } from '../../../doubles/changing-snapshots.ts'
import { aGroup, aSnapshot } from '../../../doubles/snapshots.ts'

/** As from a recording: unchanged parts are the same object. */
function shared([first, ...others]: readonly Snapshot[]): Snapshot[] {
  if (first === undefined) return []
  const moving = new RecordingState(first)
  let before = moving.snapshot()
  const all = [before]
  for (const snapshot of others) {
    moving.apply(difference(before, snapshot))
    before = moving.snapshot()
    all.push(before)
  }
  return all
}

function snapshotOf(snapshots: readonly Snapshot[], number: number): StoredFrame {
  const other = (at: number) => snapshots[at] ?? null
  return { snapshot: snapshots[number] ?? aSnapshot(), number, other }
}

type Answer = { cursor: string; more: boolean; reset: boolean }

/** Reads until the frame is complete. Returns the cursor to continue from. */
async function taken<A extends Answer>(
  ask: (after: string | undefined) => Promise<A>,
  after: string | undefined,
  take: (answer: A) => void,
): Promise<string> {
  for (let at = after; ; ) {
    const answer = await ask(at)
    take(answer)
    at = answer.cursor
    if (!answer.more) return at
  }
}

class Reader {
  groups = new Map<string, unknown>()
  members = new Map<string, unknown>()
  findings = new Map<string, unknown>()
  group: unknown = null
  #at: (string | undefined)[] = []

  async goTo(kept: StoredFrame): Promise<void> {
    const groups = await taken(
      async (after) => storedGroups(kept, { after, all: true }, undefined),
      this.#at[0],
      ({ reset, removed, rows }) => {
        if (reset) this.groups.clear()
        for (const id of removed) this.groups.delete(id)
        for (const { firstSeenAt: _, ...row } of rows) this.groups.set(row.id, row)
      },
    )
    const group = await taken(
      async (after) => {
        const change = await storedGroup(kept, { after, id: groupId(0) }, undefined)
        return change ?? expect.fail('a recording always answers')
      },
      this.#at[1],
      ({ reset, left, joined, row }) => {
        this.group = row === null ? null : { ...row, firstSeenAt: null }
        if (reset) this.members.clear()
        for (const cookie of left) this.members.delete(cookie)
        for (const { firstSeenAt: _, ...member } of joined) this.members.set(memberId(member), member)
      },
    )
    const findings = await taken(
      async (after) => storedFindings(kept, { after }, undefined),
      this.#at[2],
      ({ reset, rows }) => {
        if (reset) this.findings.clear()
        for (const row of rows) this.findings.set(row.id, row)
      },
    )
    this.#at = [groups, group, findings]
  }

  get seen() {
    return { groups: this.groups, group: this.group, members: this.members, findings: this.findings }
  }
}

test('after any walk through the snapshots', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryWalk, fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), async (walk, jumps) => {
      const snapshots = shared(walk)
      const reader = new Reader()
      let last = -1
      for (const jump of jumps) {
        const number = jump % snapshots.length
        // The same one again is answered after a while, without changes.
        if (number === last) continue
        last = number
        await reader.goTo(snapshotOf(snapshots, number))
        const fresh = new Reader()
        await fresh.goTo(snapshotOf(snapshots, number))
        expect(reader.seen).toEqual(fresh.seen)
        const [ids, members] = [snapshots[number]?.groups.map(({ id }) => id), snapshots[number]?.groups[0]?.members]
        expect([...reader.groups.keys()].sort()).toEqual(ids?.sort())
        if (snapshots[number]?.groups[0]?.id === groupId(0)) expect(reader.members.size).toBe(members?.length)
      }
    }),
    { numRuns: 60 },
  )
})

test('a step that changed one of a thousand groups sends that one', async () => {
  const many = Array.from({ length: 1000 }, (_, at) => aGroup({ id: groupId(at) }))
  const moved = (drops: number): Group => aGroup({ id: groupId(7), drops })
  const snapshots = [0, 1, 2, 3].map((drops) => aSnapshot({ groups: many.with(7, moved(drops)) }))
  let pages = 0
  const after = await taken(
    async (at) => storedGroups(snapshotOf(snapshots, 1), { after: at, all: true }, undefined),
    undefined,
    () => pages++,
  )
  expect(pages).toBe(5)
  const { rows, reset, more } = await storedGroups(snapshotOf(snapshots, 2), { after, all: true }, undefined)
  expect({ rows: rows.map(({ id }) => id), reset, more }).toEqual({ rows: [groupId(7)], reset: false, more: false })
})

test('a reader that left in the middle of a frame starts over', async () => {
  const snapshots = [0, 1].map(() =>
    aSnapshot({ groups: Array.from({ length: 500 }, (_, at) => aGroup({ id: groupId(at) })) }),
  )
  const { cursor, more } = await storedGroups(snapshotOf(snapshots, 0), { all: true }, undefined)
  expect(more).toBe(true)
  const next = await storedGroups(snapshotOf(snapshots, 1), { after: cursor, all: true }, undefined)
  expect(next.reset).toBe(true)
})

test('a snapshot has no other frame: a group that is not in it does not exist', async () => {
  const snapshot = aSnapshot()
  const kept: StoredFrame = { snapshot, number: 0, other: (at) => (at === 0 ? snapshot : null) }
  expect(await storedGroup(kept, { id: groupId(99) }, undefined)).toBe(null)
})

test('a reader that has everything waits, and can leave at any time', async () => {
  const kept = snapshotOf([aSnapshot()], 0)
  const { cursor } = await storedGroups(kept, { all: true }, undefined)
  const end = new AbortController()
  const waiting = storedGroups(kept, { after: cursor, all: true }, end.signal)
  end.abort()
  expect(await waiting).toMatchObject({ rows: [], removed: [], reset: false, more: false })
})
