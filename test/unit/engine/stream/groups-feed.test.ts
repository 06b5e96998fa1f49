import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GroupsChange } from '../../../../electron/contract/live.ts'
import { Collector } from '../../../../electron/engine/collect/collector.ts'
import { WATCHED_FRAME } from '../../../../electron/engine/collect/frame-request.ts'
import { Sampler } from '../../../../electron/engine/collect/sampler.ts'
import { GroupsFeed, type GroupsRequest } from '../../../../electron/engine/stream/groups-feed.ts'
import { RemovalLog } from '../../../../electron/engine/stream/removal-log.ts'
import { FakeKernel } from '../support/fake-addon.ts'
import type { FakeGroup } from '../support/frame.ts'

function start(kernel: FakeKernel) {
  const collector = new Collector(kernel.addon())
  const sampler = new Sampler(collector, 60_000)
  const removals = new RemovalLog(collector, 'abcd')
  const feed = new GroupsFeed(collector, sampler, removals)
  collector.onFrame = (frame) => removals.record(frame)
  return { collector, sampler, feed, read: () => sampler.read(WATCHED_FRAME, async () => undefined) }
}

/** Groups take turns on three ports. */
function portOf(id: number): number {
  return 8000 + (id % 3)
}

function group(id: number, length = 0, members = 2): FakeGroup {
  const sockets = Array.from({ length: members }, (_, index) => ({ cookie: BigInt(1000 * id + index), length }))
  return { id: BigInt(id), port: portOf(id), sockets }
}

/** A reader that works like a front: applies answers to its own copy. */
class Reader {
  position: string | undefined
  rows = new Map<string, number | null>()
  apply(change: GroupsChange): void {
    if (change.reset) this.rows.clear()
    for (const id of change.removed) this.rows.delete(id)
    for (const row of change.rows) this.rows.set(row.id, row.queue.length)
    this.position = change.cursor
  }
}

/** Queue by group: of all shared groups, or of those on one port. */
function truth(kernel: FakeKernel, only?: number): Map<string, number> {
  return new Map(
    kernel.groups
      .filter(({ sharing, port }) => sharing !== 0 && (only === undefined || port === only))
      .map(({ id, sockets }) => [
        id.toString(16).padStart(16, '0'),
        sockets.reduce((sum, socket) => sum + (socket.length ?? 0), 0),
      ]),
  )
}

/** All pages of one answer as one: where a page ends depends on how busy the machine is. */
async function readAll(feed: GroupsFeed, request: GroupsRequest): Promise<GroupsChange> {
  const whole = GroupsChange.parse(await feed.changes(request, undefined))
  for (let more = whole.more; more; ) {
    const page = GroupsChange.parse(await feed.changes({ ...request, after: whole.cursor }, undefined))
    whole.rows.push(...page.rows)
    whole.removed.push(...page.removed)
    whole.cursor = page.cursor
    more = page.more
  }
  return whole
}

describe('the stream of groups', () => {
  it('starts with everything and continues with what changed', async () => {
    const kernel = new FakeKernel()
    kernel.groups = [group(1), group(2)]
    const { feed, read, sampler } = start(kernel)
    const first = await readAll(feed, { all: false })
    expect(first).toMatchObject({ reset: true, removed: [], totals: { sockets: 4, groups: 2, unshared: 0 } })
    expect(first.rows).toHaveLength(2)
    kernel.groups = [group(1), group(2, 5)]
    await read()
    const second = await readAll(feed, { after: first.cursor, all: false })
    expect(second.reset).toBe(false)
    expect(second.rows.map(({ queue }) => queue.length)).toEqual([10])
    await sampler.close()
  })

  it('answers a reader that has everything as soon as something changes', async () => {
    const kernel = new FakeKernel()
    kernel.groups = [group(1)]
    const { feed, read, sampler } = start(kernel)
    const first = await feed.changes({ all: false }, undefined)
    const waiting = feed.changes({ after: first.cursor, all: false }, undefined)
    kernel.groups = [group(1, 7)]
    await read()
    expect((await waiting).rows.map(({ queue }) => queue.length)).toEqual([14])
    await sampler.close()
  })

  it('reports a group that is no longer shared as removed, and leaves out unshared ones unless requested', async () => {
    const kernel = new FakeKernel()
    kernel.groups = [group(1), { ...group(2), sharing: 0, evidence: 0 }]
    const { feed, read, sampler } = start(kernel)
    const first = await readAll(feed, { all: false })
    expect(first.rows).toHaveLength(1)
    expect((await readAll(feed, { all: true })).rows).toHaveLength(2)
    kernel.groups = [{ ...group(1, 0, 1), sharing: 0, evidence: 0 }]
    await read()
    const second = await readAll(feed, { after: first.cursor, all: false })
    expect(second.removed.sort()).toEqual(['0000000000000001', '0000000000000002'])
    await sampler.close()
  })

  it('starts over for a cursor of another engine, an invalid one, or an old one', async () => {
    const kernel = new FakeKernel()
    kernel.groups = [group(1)]
    const { feed, read, sampler } = start(kernel)
    const { cursor: position } = await feed.changes({ all: false }, undefined)
    expect((await feed.changes({ after: position.replace('abcd', 'beef'), all: false }, undefined)).reset).toBe(true)
    expect((await feed.changes({ after: 'nonsense', all: false }, undefined)).reset).toBe(true)
    for (let refresh = 0; refresh < 130; refresh++) await read()
    expect((await feed.changes({ after: position, all: false }, undefined)).reset).toBe(true)
    await sampler.close()
  })

  it('returns at once for a reader that has left', async () => {
    const kernel = new FakeKernel()
    kernel.groups = [group(1)]
    const { feed, sampler } = start(kernel)
    const { cursor: position } = await feed.changes({ all: false }, undefined)
    const asker = new AbortController()
    const waiting = feed.changes({ after: position, all: false }, asker.signal)
    asker.abort()
    expect((await waiting).rows).toEqual([])
    await sampler.close()
  })

  it('brings a reader of any speed to the newest frame, in limited pages', async () => {
    const step = fc.record({
      groups: fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 450 }), fc.integer({ min: 0, max: 3 }), fc.boolean()), {
        selector: ([id]) => id,
        maxLength: 450,
        size: 'max',
      }),
      pages: fc.integer({ min: 0, max: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const kernel = new FakeKernel()
        const { feed, read, sampler } = start(kernel)
        const readers = [undefined, 8001].map((port) => ({ port, reader: new Reader() }))
        for (const { groups, pages } of steps) {
          kernel.groups = groups
            .sort(([a], [b]) => a - b)
            .map(([id, length, plain]) => (plain ? { ...group(id, length), sharing: 0 } : group(id, length)))
          await read()
          for (const { port, reader } of readers) {
            for (let page = 0; page < pages; page++) {
              const change = await feed.changes({ after: reader.position, all: false, port }, AbortSignal.abort())
              expect(change.rows.length).toBeLessThanOrEqual(200)
              reader.apply(change)
            }
          }
        }
        // Two scans without a change in between must be enough.
        for (const { port, reader } of readers) {
          for (let sweep = 0; sweep < 2; sweep++) {
            let change: GroupsChange
            do {
              change = await feed.changes({ after: reader.position, all: false, port }, AbortSignal.abort())
              reader.apply(change)
            } while (change.more)
          }
          expect(reader.rows).toEqual(truth(kernel, port))
        }
        await sampler.close()
      }),
      { numRuns: 20, endOnFailure: true },
    )
  })
})
