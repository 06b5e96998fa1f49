/** The system libraries that the native parts need, as dpkg-shlibdeps names them for a Debian package. */
import { readFileSync } from 'node:fs'

/** The libstdc++6 that introduced each minor version of GLIBCXX_3.4 (its symbols file in Debian). */
const LIBSTDCXX: ReadonlyMap<number, string> = new Map([
  [29, '11'],
  [30, '12'],
  [31, '13.1'],
  [32, '13.2'],
  [33, '14'],
  [34, '15'],
])

/** Dependencies of the programs and libraries at `paths`, from the newest symbol versions in their string tables. */
export function libraryDependencies(paths: readonly string[]): string[] {
  const names = paths.map((path) => readFileSync(path, 'latin1')).join('')
  const glibc = newestOf(names, /\0GLIBC_2\.(\d+)/g)
  const libstdcxx = newestOf(names, /\0GLIBCXX_3\.4\.(\d+)/g)
  const known = [...LIBSTDCXX].find(([minor]) => minor >= libstdcxx)?.[1]
  return [`libc6 (>= 2.${glibc})`, known === undefined ? 'libstdc++6' : `libstdc++6 (>= ${known})`]
}

function newestOf(names: string, pattern: RegExp): number {
  return Math.max(0, ...[...names.matchAll(pattern)].map(([, minor]) => Number(minor)))
}
