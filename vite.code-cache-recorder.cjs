/** Loaded before a command that the build runs (vite.code-cache.ts): when it ends, what V8 compiled is written. */
const { readFileSync, writeFileSync } = require('node:fs')
const { join, relative } = require('node:path')
const vm = require('node:vm')

const folder = process.env.CODE_CACHE_FOLDER
const path = join(folder, 'code-cache')
/** @type {Map<string, vm.Script>} */
const scripts = new Map()

vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options)
    scripts.set(relative(folder, options.filename), this)
  }
}

process.on('exit', () => {
  const caches = new Map(earlierCaches())
  for (const [chunk, script] of scripts) caches.set(chunk, script.createCachedData())
  const parts = {}
  let at = 0
  for (const [chunk, cache] of caches) {
    parts[chunk] = [at, at + cache.length]
    at += cache.length
  }
  const index = JSON.stringify({ node: `${process.version} ${process.arch}`, parts })
  writeFileSync(path, Buffer.concat([Buffer.from(`${index}\n`), ...caches.values()]))
})

/** Of the commands that ran before. */
function earlierCaches() {
  try {
    const file = readFileSync(path)
    const start = file.indexOf('\n') + 1
    const { parts } = JSON.parse(file.toString('utf8', 0, start))
    return Object.entries(parts).map(([chunk, [from, end]]) => [chunk, file.subarray(start + from, start + end)])
  } catch {
    return []
  }
}
