/** A recording goes on after a kill, whatever the kill left of its last line. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { fileBytes } from '../../../../electron/engine/snapshots/file-bytes.ts'
import { playRecording, RecordingWriter } from '../../../../electron/engine/snapshots/recording-file.ts'
import { playedTo, resumeRecording, startOfRecording } from '../../../../electron/engine/snapshots/resume-recording.ts'
import { aGroup, aMember, aSnapshot } from '../../../doubles/snapshots.ts'

const folder = mkdtempSync(join(tmpdir(), 'rpi-resume-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const one = (length: number) =>
  aSnapshot({
    takenAt: new Date(1_767_225_600_000 + 1000 * length).toISOString(),
    groups: [aGroup({ members: [aMember({ queue: { length, limit: 10, unit: 'connections' } })] })],
  })

async function recorded(name: string, lengths: readonly number[]): Promise<string> {
  const path = join(folder, name)
  const writer = await RecordingWriter.create(path, { force: true })
  for (const length of lengths) await writer.add(one(length), 1000)
  await writer.end()
  return path
}

async function lengthsIn(path: string): Promise<(number | null | undefined)[]> {
  const lengths: (number | null | undefined)[] = []
  for await (const { groups } of playRecording(path, fileBytes(path))) lengths.push(groups[0]?.members[0]?.queue.length)
  return lengths
}

test('cut at every byte of its last line, it goes on after the line before, or after the line itself', async () => {
  const whole = await recorded('whole', [1, 2, 3])
  const bytes = readFileSync(whole)
  const lastLine = bytes.lastIndexOf(0x0a, bytes.length - 2) + 1
  for (let size = lastLine; size <= bytes.length; size++) {
    const path = join(folder, 'cut')
    copyFileSync(whole, path)
    truncateSync(path, size)
    const { writer } = await resumeRecording(path, () => undefined)
    await writer?.add(one(4), 1000)
    await writer?.end()
    expect(await lengthsIn(path)).toEqual(size >= bytes.length - 1 ? [1, 2, 3, 4] : [1, 2, 4])
  }
})

test('zeros after a power failure are cut off', async () => {
  const path = await recorded('zeros', [1, 2])
  writeFileSync(path, Buffer.alloc(5000), { flag: 'a' })
  const seen: number[] = []
  const { writer, state } = await resumeRecording(path, () => void seen.push(1))
  expect([seen.length, state.snapshot().groups[0]?.members[0]?.queue.length]).toEqual([2, 2])
  await writer?.end()
  expect(await lengthsIn(path)).toEqual([1, 2])
})

test('one that is damaged before its end is left as it is', async () => {
  const path = await recorded('damaged', [1, 2, 3, 4])
  const lines = readFileSync(path, 'utf8').split('\n')
  lines[3] = '{'
  writeFileSync(path, lines.join('\n'))
  const { writer, problem } = await resumeRecording(path, () => undefined)
  expect(writer).toBeNull()
  expect(problem?.cause).toContain('damaged at line')
  expect(readFileSync(path, 'utf8')).toBe(lines.join('\n'))
})

test('what is no recording, or compressed, is refused and left as it is', async () => {
  const other = join(folder, 'other')
  writeFileSync(other, 'my notes\n')
  await expect(resumeRecording(other, () => undefined)).rejects.toThrow()
  expect(readFileSync(other, 'utf8')).toBe('my notes\n')
  const compressed = await recorded('compressed.gz', [1])
  await expect(resumeRecording(compressed, () => undefined)).rejects.toThrow('it is compressed')
})

test('its start is known without reading it, and without a file there is none', async () => {
  expect(await startOfRecording(join(folder, 'none'))).toBeNull()
  expect(await startOfRecording(await recorded('start', [7]))).toBe(1_767_225_607_000)
  await expect(playedTo(join(folder, 'none'), () => undefined)).resolves.toBeUndefined()
})
