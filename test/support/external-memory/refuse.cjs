/**
 * Makes a Node process refuse external memory to native addons, as Electron does: `node --require refuse.cjs`. An addon
 * that imports such a call is loaded as a copy in which the call has the name from refuse.c.
 */
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const { constants, tmpdir } = require('node:os')
const { basename, join } = require('node:path')

/** Each new name has the same length: a symbol table has no room for more. */
const REFUSED = new Map(
  ['napi_create_external_arraybuffer', 'napi_create_external_buffer', 'node_api_create_external_sharedarraybuffer'].map(
    (name) => [name, `nope${name.slice(4)}`],
  ),
)

const load = process.dlopen
const refusal = join(__dirname, '../../../dist/test/external-memory/refusal.node')
load.call(process, { exports: {} }, refusal, constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL)

process.dlopen = (module, path, ...flags) => {
  const original = readFileSync(path, 'latin1')
  let changed = original
  for (const [name, other] of REFUSED) changed = changed.replaceAll(`\0${name}\0`, `\0${other}\0`)
  if (changed === original) return load.call(process, module, path, ...flags)
  const folder = mkdtempSync(join(tmpdir(), 'external-memory-'))
  try {
    const copy = join(folder, basename(path))
    writeFileSync(copy, changed, 'latin1')
    return load.call(process, module, copy, ...flags)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
