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
const obstacle =
  missing.length > 0
    ? `install ${missing.join(', ')} (Debian packages)`
    : relocatesInKernel(tools.bpftool)
      ? null
      : 'install bpftool 7.0 or later'
if (obstacle !== null) {
  rmSync(join(native, 'build/Release/reuseport-bpf'), { force: true })
  console.error(`reuseport-bpf is not built: ${obstacle}, then npm run build:native`)
} else {
  const { status } = spawnSync('make', ['-j2', `BPFTOOL=${tools.bpftool}`], {
    cwd: join(native, 'bpf'),
    stdio: ['ignore', 2, 2],
  })
  process.exitCode = status ?? 1
}

/**
 * Whether a light skeleton of this bpftool has the kernel that runs it find the fields that a program reads. An older one
 * writes their places in the kernel of the build into it. From 7.0 on, it names the libbpf in it.
 * @param {string | undefined} bpftool
 */
function relocatesInKernel(bpftool) {
  const { stdout } = spawnSync(bpftool ?? 'bpftool', ['version'], { encoding: 'utf8' })
  return /libbpf v[1-9]/.test(stdout ?? '')
}
