/**
 * The hosts that the user's ssh configuration names. Its text is read: `ssh -G` would run the commands of `Match exec`
 * (ssh_config(5)).
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { isSshHost } from '../carrier/carrier.ts'

export type ConfiguredHost = {
  readonly name: string
  /** HostName, User and ProxyJump, as far as they stand in the host's own block: "10.20.1.11, deploy, through jump-1". */
  readonly detail: string | null
}

/** Reads files, and lists those that a pattern matches. */
export type ConfigFiles = {
  /** null where it cannot be read. */
  readonly read: (path: string) => string | null
  readonly match: (pattern: string) => readonly string[]
}

/** As in ssh (readconf.c, READCONF_MAX_DEPTH). */
const MAX_DEPTH = 16
const MAX_HOSTS = 1000
const MAX_BYTES = 1 << 20

/** In the order of the files, each name once. Patterns are left out. */
export function configuredHosts(home = homedir(), files: ConfigFiles = systemFiles): ConfiguredHost[] {
  const found = new Map<string, Block>()
  readConfig(join(home, '.ssh/config'), home, files, found, 0)
  return [...found].slice(0, MAX_HOSTS).map(([name, block]) => ({ name, detail: describe(block) }))
}

type Block = { hostname?: string; user?: string; proxyjump?: string }

function readConfig(path: string, home: string, files: ConfigFiles, found: Map<string, Block>, depth: number): void {
  let blocks: Block[] = []
  for (const line of (files.read(path) ?? '').split('\n')) {
    const [keyword, ...values] = wordsOf(line)
    if (keyword === undefined) continue
    switch (keyword.toLowerCase()) {
      case 'host':
        blocks = values.filter(isName).map((name) => {
          const block = found.get(name) ?? {}
          found.set(name, block)
          return block
        })
        break
      case 'match':
        blocks = []
        break
      case 'include':
        if (depth >= MAX_DEPTH) break
        for (const pattern of values)
          for (const file of files.match(absolute(pattern, home))) readConfig(file, home, files, found, depth + 1)
        break
      case 'hostname':
      case 'user':
      case 'proxyjump': {
        const key = keyword.toLowerCase() as keyof Block
        // The first value counts (ssh_config(5)).
        for (const block of blocks) block[key] ??= values[0] ?? ''
      }
    }
  }
}

/** The words of a line: the keyword may be followed by "=", values may be quoted, "#" starts a comment. */
function wordsOf(line: string): string[] {
  const text = line.trim().replace(/^(\w+)\s*=\s*/, '$1 ')
  if (text.startsWith('#')) return []
  const words = [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  const comment = words.findIndex((word) => word.startsWith('#'))
  return comment < 0 ? words : words.slice(0, comment)
}

function isName(pattern: string): boolean {
  return !/[*?!]/.test(pattern) && pattern.length <= 255 && isSshHost(pattern)
}

/** Relative names are below ~/.ssh. */
function absolute(pattern: string, home: string): string {
  if (pattern.startsWith('~/')) return join(home, pattern.slice(2))
  return isAbsolute(pattern) ? pattern : join(home, '.ssh', pattern)
}

function describe({ hostname, user, proxyjump }: Block): string | null {
  const through = proxyjump === undefined || proxyjump === 'none' ? undefined : `through ${proxyjump}`
  return [hostname, user, through].filter((text) => text !== undefined && text !== '').join(', ') || null
}

const systemFiles: ConfigFiles = {
  read: (path) => {
    try {
      const status = statSync(path)
      return status.isFile() && status.size <= MAX_BYTES ? readFileSync(path, 'utf8') : null
    } catch {
      return null
    }
  },
  match: (pattern) => {
    const folder = dirname(pattern)
    if (!/[*?]/.test(basename(pattern))) return [pattern]
    try {
      const names = readdirSync(folder).filter((name) => !name.startsWith('.') && matches(basename(pattern), name))
      return names.sort().map((name) => join(folder, name))
    } catch {
      return []
    }
  },
}

/** glob(7), as far as configurations use it: "*" and "?" in the name of the file. */
function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's').test(name)
}
