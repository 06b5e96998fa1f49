import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { fetchPacked } from '../../../electron/launch/forge.mjs'

const checkouts: string[] = []
afterEach(() => {
  for (const path of checkouts.splice(0)) rmSync(path, { recursive: true })
})

/** A checkout whose Electron has this installer. */
function checkout(installer: string): string {
  const path = mkdtempSync(join(tmpdir(), 'forge-test-'))
  checkouts.push(path)
  const electron = join(path, 'node_modules/electron')
  mkdirSync(join(electron, 'dist'), { recursive: true })
  writeFileSync(join(electron, 'install.js'), installer)
  return path
}

it('says why Electron could not be fetched, and what to do', async () => {
  await expect(
    fetchPacked(checkout('console.error(new TypeError("fetch failed").stack); process.exit(1)'), {}),
  ).rejects.toThrow(
    'Cannot fetch Electron for the package (cannot reach the download server). If you have its zip in a folder: ELECTRON_ZIP_DIR=FOLDER npm run make',
  )
})

it('fetches it, and continues', async () => {
  const installer = `
    const { writeFileSync } = require('node:fs')
    writeFileSync(__dirname + '/dist/electron', '')
    writeFileSync(__dirname + '/path.txt', 'electron')
  `
  await fetchPacked(checkout(installer), {})
})

it('fetches nothing where ELECTRON_ZIP_DIR is set', async () => {
  await fetchPacked(checkout('throw new Error("asked")'), { ELECTRON_ZIP_DIR: '/somewhere' })
})
