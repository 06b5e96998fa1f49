/** Which process may continue a history. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { pidSpace } from '../../../../../electron/engine/common/temporary-files.ts'
import { FileLock } from '../../../../../electron/engine/stream/history/file-lock.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-lock-'))
  path = join(folder, 'history.ndjson')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** What a process leaves that was killed: its PID names another one now, or none. */
function leaveLock(): void {
  writeFileSync(`${path}.lock`, `${pidSpace()} ${process.pid} 1\n`)
}

test('it is held until it is released, and names its holder', async () => {
  const lock = await FileLock.take(path)
  await expect(FileLock.take(path)).rejects.toThrow(`process ${process.pid} does so already`)
  await lock.release()
  await (await FileLock.take(path)).release()
  expect(readdirSync(folder)).toEqual([])
})

test('of many that find the lock of a killed process, one takes it over', async () => {
  for (let round = 0; round < 20; round++) {
    leaveLock()
    const taken = await Promise.allSettled(Array.from({ length: 8 }, () => FileLock.take(path)))
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(readdirSync(folder)).toEqual(['history.ndjson.lock'])
  }
})

test('a lock that is being written is not taken over', async () => {
  writeFileSync(`${path}.lock`, '')
  await expect(FileLock.take(path)).rejects.toThrow('does so already')
  expect(readFileSync(`${path}.lock`, 'utf8')).toBe('')
})

test('one that cannot be read is reported', async () => {
  mkdirSync(`${path}.lock`)
  await expect(FileLock.take(path)).rejects.toThrow(/EISDIR/)
})
