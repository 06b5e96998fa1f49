import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readToken } from '../../../../electron/fronts/server/metrics.ts'

const folder = mkdtempSync(join(tmpdir(), 'token-'))
afterAll(() => rmSync(folder, { recursive: true }))
const token = 'a'.repeat(32)

function tokenFile(mode: number): string {
  const path = join(folder, mode.toString(8))
  writeFileSync(path, ` ${token}\n`)
  chmodSync(path, mode)
  return path
}

test.each([0o600, 0o640, 0o400])('a token file readable by its owner and group only is accepted: %o', async (mode) => {
  expect(await readToken(tokenFile(mode))).toBe(token)
})

test.each([0o644, 0o604, 0o660, 0o602])(
  'one that others can read or write is refused, with what to do: %o',
  async (mode) => {
    await expect(readToken(tokenFile(mode))).rejects.toThrow(/chmod 640/)
  },
)

test('an endless file, or a pipe without a writer, is refused', async () => {
  await expect(readToken('/dev/zero')).rejects.toThrow(/must have 16 to 8192 characters/)
  const fifo = join(folder, 'fifo')
  execFileSync('mkfifo', [fifo])
  await expect(readToken(fifo)).rejects.toThrow(/must have 16 to 8192 characters/)
})

test('a token from a pipe is accepted, however late it arrives', async () => {
  const fifo = join(folder, 'pipe')
  execFileSync('mkfifo', [fifo])
  // Opened for reading and writing, so that it does not block.
  const writer = openSync(fifo, 'r+')
  const read = readToken(fifo)
  const isFifo = (fd: string) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === fifo
    } catch {
      return false
    }
  }
  await expect.poll(() => readdirSync('/proc/self/fd').filter(isFifo)).toHaveLength(2)
  writeSync(writer, `${token}\n`)
  closeSync(writer)
  expect(await read).toBe(token)
})
