/**
 * Starts the built program with V8's code cache, which the build makes beside it (vite.code-cache.ts): what the common
 * commands run need not be parsed and compiled again, half of what Node takes to load them. Node itself keeps such a
 * cache from 22.1 on, but in a folder that has to be writable.
 *
 * The chunks are loaded here, not by Node, which would also look for each of them: their paths are known. Where there is
 * no cache, or it is another Node's, everything is compiled. Only who can write the program can write it.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'

/** The chunk that starts, from the folder of this file, and the cache; written in by the build. */
declare const PROGRAM: string
declare const CODE_CACHE: string

/** The cache starts with a line of JSON; the parts are behind it, from byte `at` to byte `end`. */
export type CodeCacheIndex = {
  readonly node: string
  readonly parts: { readonly [chunk: string]: readonly [at: number, end: number] }
}

type LoadedModule = { exports: unknown }
type ModuleFunction = (
  exports: unknown,
  require: (name: string) => unknown,
  module: LoadedModule,
  filename: string,
  dirname: string,
) => void

const loaded = new Map<string, LoadedModule>()
const cached = readCache(join(__dirname, CODE_CACHE))

function readCache(path: string): (chunk: string) => Buffer | undefined {
  try {
    const file = readFileSync(path)
    const start = file.indexOf('\n') + 1
    const { node, parts } = JSON.parse(file.toString('utf8', 0, start)) as CodeCacheIndex
    if (node !== nodeName()) return () => undefined
    return (chunk) => {
      const part = parts[chunk]
      return part && file.subarray(start + part[0], start + part[1])
    }
  } catch {
    return () => undefined
  }
}

function nodeName(): string {
  return `${process.version} ${process.arch}`
}

/** As Node loads CommonJS, without a search. `chunk`: from the folder of this file. */
function load(chunk: string): unknown {
  const known = loaded.get(chunk)
  if (known !== undefined) return known.exports
  const module: LoadedModule = { exports: {} }
  loaded.set(chunk, module)
  const filename = join(__dirname, chunk)
  const folder = dirname(chunk)
  const cachedData = cached(chunk)
  const script = new Script(
    `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'utf8')}\n})`,
    { filename, ...(cachedData && { cachedData }) },
  )
  const run = script.runInThisContext() as ModuleFunction
  const requireFrom = (name: string) => (name.startsWith('.') ? load(join(folder, name)) : require(name))
  run.call(module.exports, module.exports, requireFrom, module, filename, dirname(filename))
  return module.exports
}

load(PROGRAM)
