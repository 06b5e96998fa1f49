// Writes compile_commands.json, for clangd and clang-tidy: every source of the addon, of the lab and of their tests.
//
//   npm run compile-commands      after npm run build:native, which knows where Node's headers are
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const nodeAddonApi = dirname(createRequire(import.meta.url).resolve('node-addon-api/package.json'))

/** Where node-gyp found or put Node's headers. */
function nodeHeaders() {
  try {
    const config = readFileSync(join(root, 'native/build/config.gypi'), 'utf8')
    const { variables } = JSON.parse(config.replace(/^#.*$/gm, ''))
    return join(variables.nodedir, 'include/node')
  } catch (error) {
    console.error(`Node's headers were not found: run npm run build:native first (${error.message})`)
    process.exit(1)
  }
}

const { targets } = JSON.parse(readFileSync(join(root, 'native/binding.gyp'), 'utf8'))
const defines = targets.flatMap(({ defines }) => defines ?? []).map((name) => `-D${name}`)
const includes = ['-Inative', '-Itest/native', '-isystem', nodeAddonApi, '-isystem', nodeHeaders()]
const flags = ['-std=c++20', '-Wall', '-Wextra', '-Wshadow', '-pthread', ...defines, ...includes]

const folders = ['native/common', 'native/addon', 'native/lab', 'test/native']
const sources = folders.flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.cc'))
    .map((name) => join(folder, name)),
)
const commands = sources.map((file) => ({ directory: root, file, arguments: ['c++', ...flags, '-c', file] }))
writeFileSync(join(root, 'compile_commands.json'), `${JSON.stringify(commands, null, 2)}\n`)
