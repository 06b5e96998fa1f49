/**
 * The rooms of the sources: the folder, where its code runs, what it may import, and what it contains. `npm run rooms`
 * writes the import rules of biome.json and the tables of CONTRIBUTING.md from it.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { markdownTable } from './markdown-table.mjs'

const root = resolve(import.meta.dirname, '..')

/** @param {string} folder */
function folders(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
}

/** What only some runtimes have, as import patterns. */
const PLATFORM = {
  electron: ['electron', 'electron/**'],
  node: ['node:*'],
  react: ['react', 'react/**', 'react-dom/**'],
}

/** @type {Rule} */
const ENGINE_DOORS = {
  group: ['**/engine/**', '!**/engine/index.ts', '!**/engine/snapshots/index.ts'],
  message: 'The engine has two doors: engine/index.ts, and engine/snapshots/index.ts for the library of snapshots.',
}

/** What the rooms of the engine that stand for themselves must not reach: the addon, and what puts the engine together. */
const engineParts = (/** @type {string} */ message) => ({
  group: ['**/native/**', '**/engine.ts', '**/engine-core.ts', '**/index.ts'],
  message,
})

const SNAPSHOTS_APART =
  'Snapshots are a library of their own: they may import the contract and engine/common. Pass in what they need.'
const COMMON_APART = 'What every room of the engine shares imports none of them.'

/**
 * `mayImport`: the rooms that code in it may import, of those in the same table; without it, there is no rule. In a
 * room within a room, that of the outer room holds as well. `platform`: what the runtime has. `libraries`: for the
 * reader only. `refuses`: more patterns for this room alone, each group with its message; `!` excepts.
 *
 * @typedef {{ group: string[], message: string }} Rule
 * @typedef {{
 *   folder: string, contains: string, runsIn?: string, mayImport?: string[], platform?: (keyof typeof PLATFORM)[],
 *   libraries?: string[], files?: string, message?: string, refuses?: Rule[],
 * }} Room
 * @type {Room[]}
 */
export const rooms = [
  {
    folder: 'electron/contract',
    runsIn: 'everywhere',
    mayImport: [],
    platform: [],
    libraries: ['zod', 'the contract library'],
    contains: 'the model, every procedure and stream, typed errors, the filter language',
    message: 'The contract runs everywhere: it may import zod, the contract library and its own files only.',
  },
  {
    folder: 'electron/engine',
    runsIn: 'Node',
    mayImport: ['contract', 'native'],
    platform: ['node'],
    contains: 'the engine: reads the machine and implements the contract; never Electron or the page',
    message:
      'The engine runs in plain Node: it may import the contract and the native addon, never a front, Electron or the page.',
    refuses: [
      {
        group: ['**/snapshots/**', '!**/snapshots/index.ts', './index.ts', '../index.ts', '../../index.ts'],
        message: "The library of snapshots is used through its index.ts; the engine's own door is for others.",
      },
    ],
  },
  {
    folder: 'electron/fronts',
    runsIn: 'Node',
    mayImport: ['contract', 'engine', 'host'],
    platform: ['node'],
    contains: '`cli/` (terminal), `server/` (browser), `stdio/` (another Reuseport Inspector, over pipes)',
    message: 'A front runs in Node: it may import the contract, the engine and host/, never Electron or the page.',
    refuses: [ENGINE_DOORS],
  },
  {
    folder: 'electron/host',
    runsIn: 'Node',
    mayImport: ['contract', 'engine'],
    platform: ['node'],
    contains:
      'what both hosts of the page share: its files and content policy, limits on requests; `wire/`, both ends of an engine in another process; `carrier/`, how one is started on another host; `hosts/`, the connections of the window and of `serve --hosts`',
    message: 'What the window and the browser front share: it may import the contract and the engine.',
    refuses: [ENGINE_DOORS],
  },
  {
    folder: 'electron/main',
    runsIn: 'Electron main',
    mayImport: ['contract', 'engine', 'host'],
    platform: ['node', 'electron'],
    libraries: ['Electron'],
    contains: "window, menu, `app://`, and the single place that checks a message's sender",
    message: "Electron's main process may import the contract, the engine, host/ and Electron only.",
    refuses: [ENGINE_DOORS],
  },
  {
    folder: 'electron/preload',
    runsIn: 'sandboxed preload',
    mayImport: ['contract'],
    platform: ['electron'],
    libraries: ['Electron'],
    contains: 'passes one message port to the page, nothing else',
    message: 'The preload hands one port over: it may import the names of the messages (contract) and Electron only.',
  },
  {
    folder: 'electron/launch',
    runsIn: 'Node, before anything is built',
    libraries: ['nothing'],
    contains: 'plain JavaScript: sets up a clone, chooses between window and browser; `npm run dev`',
  },
  {
    folder: 'renderer',
    runsIn: 'the page',
    mayImport: ['contract'],
    platform: ['react'],
    libraries: ['React'],
    contains: 'four folders, below',
    message: 'The page may import the contract and React, nothing that runs in Node.',
  },
  {
    folder: 'native',
    files: 'native/*.ts',
    runsIn: 'the addon; the lab; the BPF reader',
    mayImport: [],
    platform: ['node'],
    libraries: ['node-addon-api', 'libbpf'],
    contains:
      'C++20. `addon/` is the addon (`addon*.cc` is its edge to JavaScript), `lab/` the lab program (read `protocol.h` first), `bpf/` the BPF reader (read `main.cc` first; `*.bpf.c` runs in the kernel), `common/` what they share',
    message: 'The addon knows nothing of what is built on it.',
  },
  {
    folder: 'test',
    contains:
      '`unit/` mirrors the sources; `native/`, `integration/` (the real kernel), `desktop/` (Chromium), `gallery/` (every screen and widget in every state), `kernels/` (other kernels), `package/`, `bench/`',
  },
  {
    folder: 'electron/engine/collect',
    contains: 'reading: the collector, the sampler, frames, processes, namespaces, interfaces, the kernel groups',
  },
  {
    folder: 'electron/engine/analyze',
    contains:
      'conclusions: arrival, path, kernel lookup, balance, port use, and one file per type of finding under `findings/types/`',
  },
  {
    folder: 'electron/engine/stream',
    contains:
      'what readers get of the frames: a snapshot, the feeds of groups and members with their cursors, the log of removals, the history of metrics; `history/` and `events/`, what the engine remembers',
  },
  {
    folder: 'electron/engine/snapshots',
    mayImport: ['common'],
    contains: 'snapshots and recordings: write, read, compare, redact, export. A library',
    message: SNAPSHOTS_APART,
    refuses: [engineParts(SNAPSHOTS_APART)],
  },
  {
    folder: 'electron/engine/lab',
    contains: 'the lab: validates requests, starts the lab program, and has one file per recipe under `recipes/`',
  },
  {
    folder: 'electron/engine/api',
    contains:
      'the routers that implement the contract, and the one place where errors become typed errors (`typed-errors.ts`)',
  },
  { folder: 'electron/engine/settings', contains: 'where settings are stored' },
  {
    folder: 'electron/engine/process',
    contains: 'what a process that runs an engine needs: signals, the heap, where its files are',
  },
  {
    folder: 'electron/engine/common',
    mayImport: [],
    contains: 'what all of these use: errors, addresses, sentences, time slices, files',
    message: COMMON_APART,
    refuses: [engineParts(COMMON_APART)],
  },
  {
    folder: 'renderer/app',
    contains: 'the start of the page, the frame around every screen, shortcuts, palette, help: what knows all features',
  },
  {
    folder: 'renderer/features',
    mayImport: ['model', 'ui'],
    contains:
      'one folder per screen. They do not import each other: what two share moves down, and `app/` passes the rest in',
    message: 'A feature does not know what surrounds it: let app/ pass it in.',
    refuses: [
      {
        group: [`{../,../../}{${folders('renderer/features').join(',')}}/**`],
        message: 'Features do not import each other: what two of them share belongs in model/ or ui/.',
      },
    ],
  },
  {
    folder: 'renderer/model',
    mayImport: ['ui'],
    contains:
      'state and what is computed from it: the store, the two transports to the engine, history, address and route',
    message: 'The model knows no screen: it may import the model and ui/.',
  },
  {
    folder: 'renderer/ui',
    mayImport: [],
    contains: 'widgets and formats, which get everything by their properties; tokens',
    message: 'A widget gets everything by its properties: it may import ui/ only.',
  },
]

/** @param {Room} room */
const nameOf = (room) => room.folder.split('/').at(-1) ?? room.folder

/** The innermost room around it. @param {Room} room @returns {Room | undefined} */
const outerOf = (room) =>
  rooms
    .filter(({ folder }) => room.folder.startsWith(`${folder}/`))
    .sort((a, b) => b.folder.length - a.folder.length)[0]

/** The rooms in the same table. @param {Room} room */
const besides = (room) => rooms.filter((other) => other !== room && outerOf(other) === outerOf(room))

/** What its `mayImport`, and those of the rooms around it, refuse. @param {Room} room @returns {Rule[]} */
function borders(room) {
  const outer = outerOf(room)
  const own = []
  if (room.mayImport) {
    const walls = besides(room).filter((other) => other.mayImport || outer)
    const group = walls
      .filter((other) => !room.mayImport?.includes(nameOf(other)))
      .map((other) => `**/${nameOf(other)}/**`)
    for (const [name, patterns] of Object.entries(PLATFORM))
      if (room.platform && !room.platform.includes(/** @type {keyof typeof PLATFORM} */ (name))) group.push(...patterns)
    if (group.length > 0) own.push({ group, message: room.message ?? '' })
  }
  return [...(outer ? borders(outer) : []), ...own]
}

/** The overrides of biome.json with the import rules. An inner room comes after the outer one: the last override wins. */
export function importRules() {
  return rooms
    .filter((room) => room.mayImport || room.refuses)
    .map((room) => ({
      includes: [room.files ?? `${room.folder}/**`],
      linter: {
        rules: {
          style: {
            noRestrictedImports: { level: 'error', options: { patterns: [...borders(room), ...(room.refuses ?? [])] } },
          },
        },
      },
    }))
}

/** @param {Room} room */
function mayImportCell(room) {
  const names = room.mayImport?.map((name) => (outerOf(room) ? `\`${name}/\`` : name)) ?? []
  return [...names, ...(room.libraries ?? [])].join(', ') || (room.mayImport ? 'nothing' : '')
}

/** The table of the rooms directly in `folder`; of the outermost ones for ''. @param {string} folder */
export function layoutTable(folder) {
  const shown = rooms.filter((room) => (outerOf(room)?.folder ?? '') === folder)
  const columns = [
    { head: 'folder', cells: shown.map((room) => `\`${room.folder}/\``) },
    { head: 'runs in', cells: shown.map((room) => room.runsIn ?? '') },
    { head: 'may import', cells: shown.map(mayImportCell) },
    { head: 'contains', cells: shown.map((room) => room.contains) },
  ].filter(({ cells }) => cells.some((cell) => cell !== ''))
  return markdownTable(
    columns.map(({ head }) => head),
    shown.map((_, row) => columns.map(({ cells }) => cells[row] ?? '')),
  )
}

/** biome.json as it should be: the import rules first among the overrides. @param {string} text */
export function withImportRules(text) {
  const config = JSON.parse(text)
  const others = config.overrides.filter((override) => !override.linter?.rules?.style?.noRestrictedImports)
  return { ...config, overrides: [...importRules(), ...others] }
}

/** CONTRIBUTING.md as it should be. Each table follows a comment that names its folder. @param {string} text */
export function withLayoutTables(text) {
  return text.replace(
    /(<!-- npm run rooms:(.*?) -->\n\n)(?:\|.*\n)*/g,
    (_, comment, folder) => `${comment}${layoutTable(folder.trim())}\n`,
  )
}

if (process.argv[1] === import.meta.filename) {
  const [biome, contributing] = ['biome.json', 'CONTRIBUTING.md'].map((name) => join(root, name))
  writeFileSync(biome, JSON.stringify(withImportRules(readFileSync(biome, 'utf8')), null, 2))
  writeFileSync(contributing, withLayoutTables(readFileSync(contributing, 'utf8')))
  const format = spawnSync(join(root, 'node_modules/.bin/biome'), ['format', '--write', biome], { encoding: 'utf8' })
  process.stderr.write(format.stderr)
  process.exitCode = format.status ?? 1
}
