/**
 * Parts that the single executable carries and that have to be files: the kernel loads and starts code from nothing else.
 * They are unpacked once for each build.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { carriedBytes } from '../common/carried.ts'
import { inPrivateFolder } from './private-folder.ts'

/** Named by the content of all parts; `code` is loaded or started, the rest only read. */
type Parts = { readonly id: string; readonly code: readonly string[]; readonly files: readonly string[] }

/** The folder with the unpacked parts; null unless this is the single executable. Throws an EngineError. */
export function unpackedParts(): string | null {
  const description = carriedBytes('parts.json')
  if (description === null) return null
  const parts = JSON.parse(description.toString()) as Parts
  return inPrivateFolder((folder) => {
    const target = join(folder, `parts-${parts.id}`)
    if (!isComplete(target, parts)) unpack(target, parts)
    return target
  })
}

function contentOf(name: string): Buffer {
  return carriedBytes(name) ?? Buffer.alloc(0)
}

/** The code is compared, not only found: a full disk or another program may have damaged it. */
function isComplete(folder: string, { code }: Parts): boolean {
  try {
    return code.every((name) => readFileSync(join(folder, name)).equals(contentOf(name)))
  } catch {
    return false
  }
}

/** Into place as a whole: a program that is killed meanwhile leaves no half. Throws where programs cannot be started. */
function unpack(folder: string, { code, files }: Parts): void {
  // Loaded here: it takes 5 ms, and every command loads this module.
  const { randomBytes } = process.getBuiltinModule('node:crypto')
  const temporary = `${folder}.${randomBytes(6).toString('hex')}`
  try {
    for (const name of [...code, ...files]) {
      mkdirSync(dirname(join(temporary, name)), { recursive: true, mode: 0o700 })
      writeFileSync(join(temporary, name), contentOf(name), { mode: code.includes(name) ? 0o700 : 0o600 })
    }
    refuseNoexec(join(temporary, 'can-start'))
    rmSync(folder, { recursive: true, force: true })
    renameSync(temporary, folder)
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true })
    throw error
  }
}

/** Mapping code from such a file system is refused as well (mmap(2), EPERM). */
function refuseNoexec(path: string): void {
  writeFileSync(path, '#!/bin/sh\n', { mode: 0o700 })
  try {
    // Loading it takes 10 ms, and this is once for each build.
    process.getBuiltinModule('node:child_process').execFileSync(path)
  } catch {
    throw new Error('mounted noexec')
  }
  rmSync(path)
}
