import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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

test.each([0o600, 0o640, 0o400])('a token that only its owner and its group can read is taken: %o', (mode) => {
  expect(readToken(tokenFile(mode))).toBe(token)
})

test.each([0o644, 0o604, 0o660, 0o602])('one that others can read or write is refused, with what to do: %o', (mode) => {
  expect(() => readToken(tokenFile(mode))).toThrow(/chmod 640/)
})
