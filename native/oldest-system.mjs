/** The oldest system that packages are for, and the check that what was built here runs there. */
import { execFileSync } from 'node:child_process'
import { basename } from 'node:path'

/** Of Debian 10 and RHEL 8; Node.js 24 needs it too. */
export const OLDEST_GLIBC = '2.28'
/** The last version that they have of each library's symbols, GLIBC_2.x and GLIBCXX_3.4.x. */
const OLDEST = new Map([
  ['GLIBC_2', 28],
  ['GLIBCXX_3.4', 25],
])
/** glibc and GCC's libraries: Node.js needs them too. */
const EVERYWHERE = /^(lib(c|m|pthread|dl|rt|gcc_s|stdc\+\+)\.so|ld-linux)/

/**
 * What a program or library needs that the oldest system may lack: shared libraries, and versions of glibc's and
 * libstdc++'s symbols. Empty for a
 * static program.
 * @param {string} path of an ELF file
 * @returns {string[]}
 */
export function neededBeyondOldest(path) {
  const text = execFileSync('readelf', ['--wide', '--dynamic', '--version-info', path], { encoding: 'utf8' })
  const libraries = [...text.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name ?? '')
  const versions = [...text.matchAll(/Name: ((GLIBC_2|GLIBCXX_3\.4)\.(\d+))/g)]
  const newer = versions.filter(([, , library, minor]) => Number(minor) > (OLDEST.get(library ?? '') ?? 0))
  return [...libraries.filter((name) => !EVERYWHERE.test(name)), ...newer.map(([, version]) => version ?? '')]
}

/**
 * @param {string} path
 * @throws where it needs more than the oldest system has
 */
export function refuseNewer(path) {
  const needed = neededBeyondOldest(path)
  if (needed.length === 0) return
  throw new Error(
    `${basename(path)} needs ${needed.join(', ')}, which a system that the packages are for may lack: install the static libraries of C and C++ (on Debian in libc6-dev and g++), and build again.`,
  )
}
