/** Any snapshot of a recording, requested in any order, and the events of its timeline. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { Snapshot } from '../../../../electron/contract/model.ts'
import { OpenedRecording } from '../../../../electron/engine/snapshots/opened-recording.ts'
import { RecordingWriter } from '../../../../electron/engine/snapshots/recording-file.ts'
import { aGroup, aMember, aSnapshot } from '../../../doubles/picture.ts'
import { arbitraryWalk, groupId } from '../../../doubles/walk.ts'

const folder = mkdtempSync(join(tmpdir(), 'rpi-opened-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

async function recorded(pictures: readonly Snapshot[], ending = 'ndjson'): Promise<Buffer> {
  const path = join(folder, `${files++}.${ending}`)
  const writer = await RecordingWriter.create(path, { force: false })
  for (const picture of pictures) await writer.add(picture, 1000)
  await writer.end()
  return readFileSync(path)
}
async function* once(bytes: Uint8Array) {
  yield bytes
}
const opened = async (pictures: readonly Snapshot[], ending?: string) =>
  OpenedRecording.read('x', once(await recorded(pictures, ending)))

/** The order of groups and members has no meaning. */
function members(snapshot: Snapshot) {
  return new Map(
    snapshot.groups.map((group) => [group.id, new Map(group.members.map((member) => [member.cookie, member]))]),
  )
}

test('every snapshot is as recorded, forwards, backwards and across', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryWalk, fc.array(fc.nat(), { maxLength: 20 }), async (pictures, jumps) => {
      const recording = await opened(pictures)
      expect(recording.length).toBe(pictures.length)
      expect(recording.timeline.takenAt).toEqual(pictures.map(({ takenAt }) => takenAt))
      for (const jump of jumps) {
        const at = jump % pictures.length
        const [shown, was] = [recording.picture(at), pictures[at] ?? aSnapshot()]
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
  const [first, second] = [recording.picture(1), recording.picture(2)]
  expect(second.groups[0]).toBe(first.groups[0])
  expect(second.groups[1]).not.toBe(first.groups[1])
})

describe('events', () => {
  const full = { length: 512, limit: 511, unit: 'connections' as const }
  const calm = aMember({ cookie: '1' })
  const other = aMember({ cookie: '2', queue: { length: 7, limit: 511, unit: 'connections' } })
  const marksOf = async (...pictures: (readonly ReturnType<typeof aMember>[])[]) => {
    const snapshots = pictures.map((members) =>
      aSnapshot({ groups: members.length > 0 ? [aGroup({ members: [...members] })] : [] }),
    )
    const { marks } = (await opened(snapshots)).timeline
    return marks.map(({ picture, kind, words }) => `${picture} ${kind}: ${words}`)
  }

  test('a queue that fills is one event, until it fills again', async () => {
    const filled = { ...calm, queue: full }
    const stillFull = { ...filled, queue: { ...full, length: 511 } }
    expect(await marksOf([calm], [filled], [stillFull], [calm], [filled])).toEqual([
      '1 filled: tcp4 0.0.0.0:443: queue full, 512 of 511 connections',
      '4 filled: tcp4 0.0.0.0:443: queue full, 512 of 511 connections',
    ])
  })

  test('drops are an event where they start', async () => {
    const dropped = (drops: number) => [{ ...calm, drops }]
    expect(await marksOf(dropped(0), dropped(5), dropped(9), dropped(9), dropped(10))).toEqual([
      '1 dropped: tcp4 0.0.0.0:443: drops started, 5 so far',
      '4 dropped: tcp4 0.0.0.0:443: drops started, 1 so far',
    ])
  })

  test('members that leave and join, with their queues; groups that are added and removed', async () => {
    expect(await marksOf([calm, other], [calm], [calm, other], [], [calm])).toEqual([
      '1 left: tcp4 0.0.0.0:443: 1 member removed, with 7 connections queued',
      '2 joined: tcp4 0.0.0.0:443: 1 member added',
      '3 went: tcp4 0.0.0.0:443: removed with 2 members',
      '4 came: tcp4 0.0.0.0:443: added with 1 member',
    ])
  })

  test('frequent changes do not crowd out a queue that fills late, and omitted events are counted', async () => {
    const churn = Array.from({ length: 700 }, (_, at) => (at % 2 === 0 ? [calm, other] : [calm]))
    const recording = await opened(
      [...churn, [{ ...calm, queue: full }]].map((members) => aSnapshot({ groups: [aGroup({ members })] })),
    )
    const { marks, more } = recording.timeline
    expect(marks.filter(({ kind }) => kind === 'filled')).toMatchObject([{ picture: 700 }])
    expect(marks.length + more).toBe(699 + 1)
    expect(more).toBeGreaterThan(0)
  })
})

test.each(['ndjson', 'ndjson.gz'])('truncated inside a line, as %s: readable up to that line', async (ending) => {
  const pictures = [0, 1, 2, 3].map((length) =>
    aSnapshot({ groups: [aGroup({ members: [aMember({ queue: { length, limit: 9, unit: 'connections' } })] })] }),
  )
  const whole = await recorded(pictures, ending)
  const recording = await OpenedRecording.read('x', once(whole.subarray(0, whole.length - 20)))
  expect(recording.length).toBe(3)
  // A truncated compressed line leaves nothing.
  if (ending === 'ndjson') expect(recording.timeline.problem?.happened).toMatch(/truncated/)
})

test('longer than the limit: readable up to there', async () => {
  const pictures = Array.from({ length: 50 }, (_, at) =>
    aSnapshot({ groups: [aGroup({ members: [aMember({ drops: at })] })] }),
  )
  const bytes = await recorded(pictures)
  const limits = { file: bytes.length, text: Math.floor(bytes.length / 2) }
  const recording = await OpenedRecording.read('x', once(bytes.subarray(0, 1e9)), limits).catch(
    (error: unknown) => error,
  )
  // All of it arrived in one chunk, which is too much: none of it is readable.
  expect(recording).toMatchObject({ data: { happened: expect.stringMatching(/more than/) } })
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += 500) yield bytes.subarray(at, at + 500)
  }
  const some = await OpenedRecording.read('x', pieces(), limits)
  expect(some.length).toBeGreaterThan(1)
  expect(some.length).toBeLessThan(50)
  expect(some.timeline.problem?.happened).toMatch(/more than/)
})

test('a decompression bomb ends at the limit, after what came before it', async () => {
  const good = await recorded([aSnapshot(), aSnapshot()])
  const bomb = gzipSync(Buffer.concat([good, Buffer.alloc(64 << 20, 0x20)]))
  expect(bomb.byteLength).toBeLessThan(200_000)
  const recording = await OpenedRecording.read('x', once(bomb), { file: 1 << 20, text: 4 << 20 })
  expect([recording.length, recording.timeline.problem?.happened]).toEqual([
    2,
    expect.stringMatching(/more than the 4 MiB/),
  ])
})

test('a snapshot beyond the end is an error', async () => {
  const recording = await opened([aSnapshot()])
  expect(() => recording.picture(1)).toThrow(/the recording has 1/)
})
