/** Any snapshot of a recording, requested in any order, and the events of its timeline. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { MAX_EVENTS } from '../../../../electron/contract/constants.ts'
import type { Snapshot } from '../../../../electron/contract/model.ts'
import { SnapshotEvents } from '../../../../electron/engine/snapshots/events/snapshot-events.ts'
import { OpenedRecording } from '../../../../electron/engine/snapshots/opened-recording.ts'
import { RecordingWriter } from '../../../../electron/engine/snapshots/recording-file.ts'
import { arbitraryWalk, groupId } from '../../../doubles/changing-snapshots.ts'
import { aGroup, aMember, aSnapshot } from '../../../doubles/snapshots.ts'

const folder = mkdtempSync(join(tmpdir(), 'rpi-opened-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

async function recorded(snapshots: readonly Snapshot[], ending = 'ndjson'): Promise<Buffer> {
  const path = join(folder, `${files++}.${ending}`)
  const writer = await RecordingWriter.create(path, { force: false })
  for (const snapshot of snapshots) await writer.add(snapshot, 1000)
  await writer.end()
  return readFileSync(path)
}
async function* once(bytes: Uint8Array) {
  yield bytes
}
const opened = async (snapshots: readonly Snapshot[], ending?: string) =>
  OpenedRecording.read('x', once(await recorded(snapshots, ending)))

/** The order of groups and members has no meaning. */
function members(snapshot: Snapshot) {
  return new Map(
    snapshot.groups.map((group) => [group.id, new Map(group.members.map((member) => [member.cookie, member]))]),
  )
}

test('every snapshot is as recorded, forwards, backwards and across', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryWalk, fc.array(fc.nat(), { maxLength: 20 }), async (snapshots, jumps) => {
      const recording = await opened(snapshots)
      expect(recording.length).toBe(snapshots.length)
      expect(recording.timeline.takenAt).toEqual(snapshots.map(({ takenAt }) => takenAt))
      for (const jump of jumps) {
        const at = jump % snapshots.length
        const [shown, was] = [recording.snapshot(at), snapshots[at] ?? aSnapshot()]
        expect(members(shown)).toEqual(members(was))
        expect([shown.takenAt, shown.findings]).toEqual([was.takenAt, was.findings])
      }
    }),
    { numRuns: 40 },
  )
})

test('unchanged parts of consecutive snapshots are one object', async () => {
  const still = aGroup({ id: groupId(1) })
  const moving = (length: number) =>
    aGroup({ id: groupId(2), members: [aMember({ queue: { length, limit: 9, unit: 'connections' } })] })
  const recording = await opened([1, 2, 3].map((length) => aSnapshot({ groups: [still, moving(length)] })))
  const [first, second] = [recording.snapshot(1), recording.snapshot(2)]
  expect(second.groups[0]).toBe(first.groups[0])
  expect(second.groups[1]).not.toBe(first.groups[1])
})

describe('events', () => {
  const full = { length: 512, limit: 511, unit: 'connections' as const }
  const calm = aMember({ cookie: '1' })
  const other = aMember({ cookie: '2', queue: { length: 7, limit: 511, unit: 'connections' } })
  const eventsOf = async (...members: (readonly ReturnType<typeof aMember>[])[]) => {
    const snapshots = members.map((members) =>
      aSnapshot({ groups: members.length > 0 ? [aGroup({ members: [...members] })] : [] }),
    )
    const { events: marks } = (await opened(snapshots)).timeline
    return marks.map(({ snapshot, kind, summary: words }) => `${snapshot} ${kind}: ${words}`)
  }

  test('a queue that fills is one event, until it fills again', async () => {
    const filled = { ...calm, queue: full }
    const stillFull = { ...filled, queue: { ...full, length: 511 } }
    expect(await eventsOf([calm], [filled], [stillFull], [calm], [filled])).toEqual([
      '1 full: tcp4 0.0.0.0:443: queue full, 512 of 511 connections',
      '4 full: tcp4 0.0.0.0:443: queue full, 512 of 511 connections',
    ])
  })

  test('drops are an event where they start', async () => {
    const dropped = (drops: number) => [{ ...calm, drops }]
    expect(await eventsOf(dropped(0), dropped(5), dropped(9), dropped(9), dropped(10))).toEqual([
      '1 drops: tcp4 0.0.0.0:443: drops started, 5 so far',
      '4 drops: tcp4 0.0.0.0:443: drops started, 1 so far',
    ])
  })

  test('members that leave and join, with their queues; groups that are added and removed', async () => {
    expect(await eventsOf([calm, other], [calm], [calm, other], [], [calm])).toEqual([
      '1 left: tcp4 0.0.0.0:443: 1 member removed, with 7 connections queued',
      '2 joined: tcp4 0.0.0.0:443: 1 member added',
      '3 removed: tcp4 0.0.0.0:443: removed with 2 members',
      '4 added: tcp4 0.0.0.0:443: added with 1 member',
    ])
  })

  test('frequent changes do not crowd out a queue that fills late, and omitted events are counted', async () => {
    const churn = Array.from({ length: 700 }, (_, at) => (at % 2 === 0 ? [calm, other] : [calm]))
    const recording = await opened(
      [...churn, [{ ...calm, queue: full }]].map((members) => aSnapshot({ groups: [aGroup({ members })] })),
    )
    const { events: marks, omitted: more } = recording.timeline
    expect(marks.filter(({ kind }) => kind === 'full')).toMatchObject([{ snapshot: 700 }])
    expect(marks.length + more).toBe(699 + 1)
    expect(more).toBeGreaterThan(0)
  })
})

test.each(['ndjson', 'ndjson.gz'])('truncated inside a line, as %s: readable up to that line', async (ending) => {
  const snapshots = [0, 1, 2, 3].map((length) =>
    aSnapshot({ groups: [aGroup({ members: [aMember({ queue: { length, limit: 9, unit: 'connections' } })] })] }),
  )
  const whole = await recorded(snapshots, ending)
  const recording = await OpenedRecording.read('x', once(whole.subarray(0, whole.length - 20)))
  expect(recording.length).toBe(3)
  // A truncated compressed line leaves nothing.
  if (ending === 'ndjson') expect(recording.timeline.problem?.cause).toMatch(/truncated/)
})

test('longer than the limit: readable up to there', async () => {
  const snapshots = Array.from({ length: 50 }, (_, at) =>
    aSnapshot({ groups: [aGroup({ members: [aMember({ drops: at })] })] }),
  )
  const bytes = await recorded(snapshots)
  const limits = { file: bytes.length, text: Math.floor(bytes.length / 2) }
  const recording = await OpenedRecording.read('x', once(bytes.subarray(0, 1e9)), limits).catch(
    (error: unknown) => error,
  )
  // All of it arrived in one chunk, which is too much: none of it is readable.
  expect(recording).toMatchObject({ problem: { cause: expect.stringMatching(/more than/) } })
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += 500) yield bytes.subarray(at, at + 500)
  }
  const some = await OpenedRecording.read('x', pieces(), limits)
  expect(some.length).toBeGreaterThan(1)
  expect(some.length).toBeLessThan(50)
  expect(some.timeline.problem?.cause).toMatch(/more than/)
})

test('a decompression bomb ends at the limit, after what came before it', async () => {
  const good = await recorded([aSnapshot(), aSnapshot()])
  const bomb = gzipSync(Buffer.concat([good, Buffer.alloc(64 << 20, 0x20)]))
  expect(bomb.byteLength).toBeLessThan(200_000)
  const recording = await OpenedRecording.read('x', once(bomb), { file: 1 << 20, text: 4 << 20 })
  expect([recording.length, recording.timeline.problem?.cause]).toEqual([
    2,
    expect.stringMatching(/more than the 4 MiB/),
  ])
})

test('a snapshot beyond the end is an error', async () => {
  const recording = await opened([aSnapshot()])
  expect(() => recording.snapshot(1)).toThrow(/the recording has 1/)
})

describe('the events of a recording', () => {
  test('are those of its snapshots in their order, each with the first snapshot that shows it', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryWalk, async (snapshots) => {
        const recording = await opened(snapshots)
        // What the file says, one snapshot after another.
        const expected = new SnapshotEvents()
        for (let number = 0; number < recording.length; number++) expected.add(recording.snapshot(number))
        expected.finish()
        const { events, snapshots: numbers, omitted, until } = await recording.events()
        expect(events).toEqual(expected.all)
        expect(omitted).toBe(0)
        expect(until).toBe(snapshots.at(-1)?.takenAt)
        for (const [at, { at: began }] of events.entries()) {
          const number = numbers[at] ?? -1
          expect(Date.parse(recording.timeline.takenAt[number] ?? '')).toBeGreaterThanOrEqual(Date.parse(began))
          if (number > 0)
            expect(Date.parse(recording.timeline.takenAt[number - 1] ?? '')).toBeLessThan(Date.parse(began))
        }
      }),
      { numRuns: 30 },
    )
  })

  test('only the newest are given, and how many more there are', async () => {
    const at = (second: number, port: number) =>
      aSnapshot({
        takenAt: new Date(1_700_000_000_000 + 60_000 * second).toISOString(),
        groups: [aGroup({ id: groupId(port), port, members: [aMember({ cookie: String(port) })] })],
      })
    // Each snapshot has another group: one member joins, one leaves.
    const recording = await opened(Array.from({ length: 1100 }, (_, second) => at(second, 1 + second)))
    const { events, snapshots, omitted } = await recording.events()
    expect(events).toHaveLength(MAX_EVENTS)
    expect(omitted).toBeGreaterThan(0)
    expect(snapshots.at(-1)).toBe(1099)
  })
})
