/** The folder of stored snapshots. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { SnapshotLibrary } from '../../../../electron/engine/snapshots/library.ts'
import { partsOf } from '../../../../electron/engine/snapshots/parts.ts'
import { aSnapshot } from '../../../doubles/snapshots.ts'

const folder = mkdtempSync(join(tmpdir(), 'library-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('saved at once under one name, each gets a name of its own', async () => {
  const library = new SnapshotLibrary(folder, null)
  const save = () => library.save('Now', partsOf(aSnapshot()), undefined)
  await save()
  const kept = await Promise.all([save(), save(), save()])
  expect(kept.map(({ name }) => name).sort()).toEqual(['Now 2', 'Now 3', 'Now 4'])
  expect(readdirSync(folder)).toHaveLength(4)
  // A failed save takes no name.
  await expect(library.save('Now', partsOf(aSnapshot()), AbortSignal.abort())).rejects.toThrow()
  expect((await save()).name).toBe('Now 5')
})

test('what is not a regular file is listed with its problem, and blocks no one', async () => {
  const own = mkdtempSync(join(tmpdir(), 'library-fifo-'))
  execFileSync('mkfifo', [join(own, 'pipe.json.gz')])
  expect(await new SnapshotLibrary(own, null).list()).toMatchObject([
    { name: 'pipe', problem: expect.stringMatching(/a pipe/) },
  ])
  rmSync(own, { recursive: true })
})
