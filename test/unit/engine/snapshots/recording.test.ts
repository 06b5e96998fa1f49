/** What is played is what was recorded, and a truncated file is played up to the cut. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { memberId } from '../../../../electron/contract/ids.ts'
import type { Member, Snapshot } from '../../../../electron/contract/model.ts'
import { difference, RecordingFrame } from '../../../../electron/engine/snapshots/recording.ts'
import { playRecording, RecordingWriter } from '../../../../electron/engine/snapshots/recording-file.ts'
import { RecordingState } from '../../../../electron/engine/snapshots/recording-state.ts'
import { arbitraryGroups, arbitrarySnapshot } from '../../../doubles/arbitrary-snapshot.ts'
import { aGroup, aMember, aSnapshot } from '../../../doubles/snapshots.ts'

/** The order of groups and members has no meaning. */
function ordered(snapshot: Snapshot): Snapshot {
  const by = (a: string, b: string) => (a < b ? -1 : 1)
  const groups = snapshot.groups
    .map((group) => ({ ...group, members: [...group.members].sort((a, b) => by(memberId(a), memberId(b))) }))
    .sort((a, b) => by(a.id, b.id))
  return { ...snapshot, groups }
}

/** A snapshot and a later one: some groups and members stay, some change, some are added and removed. */
const pair = fc
  .tuple(arbitrarySnapshot, arbitraryGroups, fc.infiniteStream(fc.nat({ max: 5 })))
  .map(([before, fresh, choices]) => {
    const choose = () => choices.next().value ?? 0
    const kept = before.groups.flatMap((group) => {
      const what = choose()
      if (what === 0) return []
      const members = group.members.flatMap((member) => {
        const how = choose()
        if (how === 0) return []
        if (how === 1) return { ...member, queue: { ...member.queue, length: choose() }, drops: choose() }
        return how === 2 ? { ...member, holders: null } : member
      })
      return what === 1 ? { ...group, sharing: 'unknown' as const, members } : { ...group, members }
    })
    const ids = new Set(kept.map(({ id }) => id))
    return { before, after: { ...before, groups: [...kept, ...fresh.filter(({ id }) => !ids.has(id))] } }
  })

test('what members are given, from the frame in which counting begins', () => {
  const given = (count: number) => ({ count, sample: count, perSecond: 2, acceptedPerSecond: null, meanWaitMs: null })
  const counted = (count: number): Snapshot => {
    const members = [aMember({ given: given(count) }), aMember({ cookie: '4098', inode: 31338, given: given(1) })]
    const group = aGroup({ members, given: { ...given(count + 1), sampleSince: '2026-01-01T00:00:00.000Z' } })
    return aSnapshot({ groups: [group], countedSince: '2026-01-01T00:00:00.000Z' })
  }
  const not = aSnapshot({ countsUnknownBecause: 'nothing was being counted' })
  const snapshots = [not, counted(3), counted(5), aSnapshot(), counted(1)]
  const [first, ...rest] = snapshots as [Snapshot, ...Snapshot[]]
  const state = new RecordingState(first)
  let before = first
  for (const after of rest) {
    const frame = RecordingFrame.parse(JSON.parse(JSON.stringify(difference(before, after))))
    expect(frame.changed.flatMap(({ joined }) => joined)).toEqual([])
    state.apply(frame)
    expect(ordered(state.snapshot())).toEqual(ordered(after))
    before = after
  }
})

test('the kernel groups of a group that is otherwise the same', () => {
  const kernel = {
    id: 1,
    members: ['4097'],
    closed: [],
    maxSocks: 128,
    bindInany: false,
    hasConns: false,
    program: null,
  }
  const versions = [0, 3].map((halfOpen) => aGroup({ kernelGroups: [{ ...kernel, halfOpen: [halfOpen] }] }))
  const snapshots = [...versions, aGroup(), ...versions].map((group) => aSnapshot({ groups: [group] }))
  const [first, ...rest] = snapshots as [Snapshot, ...Snapshot[]]
  const state = new RecordingState(first)
  let before = first
  for (const after of rest) {
    state.apply(RecordingFrame.parse(JSON.parse(JSON.stringify(difference(before, after)))))
    expect(state.snapshot()).toEqual(after)
    before = after
  }
})

test('a snapshot and a frame give the next snapshot', () => {
  fc.assert(
    fc.property(pair, ({ before, after }) => {
      const frame = RecordingFrame.parse(JSON.parse(JSON.stringify(difference(before, after))))
      const snapshot = new RecordingState(before)
      snapshot.apply(frame)
      expect(ordered(snapshot.snapshot())).toEqual(ordered(after))
    }),
    { numRuns: 150 },
  )
})

test('no change gives no frame content', () => {
  expect(difference(aSnapshot(), aSnapshot())).toMatchObject({ removed: [], added: [], changed: [] })
})

test('a field that the recorder does not know is recorded', () => {
  const valued = (value: number) =>
    aSnapshot({ groups: [aGroup({ members: [{ ...aMember(), addedLater: value } as Member] })] })
  const [before, after] = [valued(1), valued(2)]
  const snapshot = new RecordingState(before)
  snapshot.apply(difference(before, after))
  expect(snapshot.snapshot()).toEqual(after)
})

describe('on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rpi-recording-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  const snapshots = Array.from({ length: 20 }, (_, at) =>
    aSnapshot({
      takenAt: new Date(at * 1000).toISOString(),
      groups: [aGroup({ members: [aMember({ queue: { length: at, limit: 511, unit: 'connections' } })] })],
    }),
  )
  async function written(name: string): Promise<Buffer> {
    const path = join(folder, name)
    const writer = await RecordingWriter.create(path, { force: true })
    for (const snapshot of snapshots) await writer.add(snapshot, 1000)
    await writer.end()
    return readFileSync(path)
  }
  async function played(bytes: Uint8Array) {
    const source = async function* () {
      for (let at = 0; at < bytes.byteLength; at += 100) yield bytes.subarray(at, at + 100)
    }
    const seen: Snapshot[] = []
    const player = playRecording('x', source())
    for (;;) {
      const next = await player.next()
      if (next.done) return { seen, end: next.value }
      seen.push(next.value)
    }
  }

  test.each(['whole.ndjson', 'whole.ndjson.gz'])('%s is played as it was', async (name) => {
    const { seen, end } = await played(await written(name))
    expect(seen).toEqual(snapshots)
    expect(end).toEqual({ frames: 20, problem: null })
  })

  test.each(['cut.ndjson', 'cut.ndjson.gz'])('%s is played up to any cut, and reports it', async (name) => {
    const bytes = await written(name)
    let most = 0
    for (let length = 0; length < bytes.byteLength; length += 37) {
      const result = await played(bytes.subarray(0, length)).catch((error: Error) => error)
      if (result instanceof Error) {
        // Nothing of it is readable: no mention of what came before.
        expect(result).toMatchObject({ name: 'FileError', problem: { hint: 'If you have a copy, open that.' } })
        continue
      }
      expect(result.seen).toEqual(snapshots.slice(0, result.seen.length))
      expect(result.seen.length).toBeGreaterThanOrEqual(most)
      most = result.seen.length
    }
    expect(most).toBeGreaterThanOrEqual(18)
  })

  test('a damaged line in the middle ends it there', async () => {
    const lines = (await written('damaged.ndjson')).toString().split('\n')
    lines[10] = '{"takenAt": 7}'
    const { seen, end } = await played(Buffer.from(lines.join('\n')))
    expect(seen).toEqual(snapshots.slice(0, 9))
    expect(end.problem?.cause).toMatch(/line 11/)
  })

  test.each([
    ['', /empty/],
    ['hello\n', /invalid JSON/],
    ['{"schema":"reuseport-inspector/snapshot/1","takenAt":"x","groups":[\n', /it is a snapshot/],
    ['{"schema":"reuseport-inspector/recording/9"}\n', /newer program/],
    ['{"schema":"reuseport-inspector/recording/1"}\n', /startedAt: expected string/],
  ])('%j is no recording', async (text, words) => {
    await expect(played(Buffer.from(text))).rejects.toThrow(words)
  })
})
