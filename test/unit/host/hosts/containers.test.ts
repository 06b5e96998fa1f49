import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isPodmanUsed } from '../../../../electron/host/hosts/containers.ts'

test('podman is asked only where it has containers: else it would leave a process behind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rpi-test-'))
  try {
    const user = { env: { XDG_RUNTIME_DIR: folder }, uid: 61_234 }
    expect(isPodmanUsed(user)).toBe(false)
    expect(isPodmanUsed({ ...user, uid: 0 })).toBe(true)
    mkdirSync(join(folder, 'libpod/tmp'), { recursive: true })
    writeFileSync(join(folder, 'libpod/tmp/pause.pid'), '1')
    expect(isPodmanUsed(user)).toBe(true)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
