/**
 * Builds native/build/Release/reuseport-bpf where its tools are installed. Elsewhere it says on standard error what is
 * missing, and removes an outdated build: everything else works without it. `npm run build:native` runs it, and so does
 * the set-up of a checkout.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const native = import.meta.dirname
/** Debian installs bpftool where only root's PATH leads. */
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
const program = (/** @type {string} */ name) => folders.map((folder) => join(folder, name)).find(existsSync)
const header = (/** @type {string} */ name) =>
  ['/usr/include', '/usr/local/include'].map((folder) => join(folder, name)).find(existsSync)

/** By Debian's package. */
const tools = {
  clang: program('clang'),
  bpftool: program('bpftool'),
  'libbpf-dev': header('bpf/libbpf.h'),
  'libelf-dev': header('libelf.h'),
}
const missing = Object.entries(tools).flatMap(([name, path]) => (path === undefined ? [name] : []))
if (missing.length > 0) {
  rmSync(join(native, 'build/Release/reuseport-bpf'), { force: true })
  console.error(
    `reuseport-bpf is not built: install ${missing.join(', ')} (Debian packages), then npm run build:native`,
  )
} else {
  const { status } = spawnSync('make', ['-j2', `BPFTOOL=${tools.bpftool}`], {
    cwd: join(native, 'bpf'),
    stdio: ['ignore', 2, 2],
  })
  process.exitCode = status ?? 1
}
