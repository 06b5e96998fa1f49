/**
 * Sets a checkout up: dependencies, native addon, bundles; only what is missing or older than its sources. Plain
 * JavaScript without dependencies, because it runs before they are installed. It prints to standard error only:
 * standard output belongs to the program that starts afterwards.
 */
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withLock } from './lock.mjs'
import { causeOf, headersBeside, missingTools } from './toolchain.mjs'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

const engine = [
  'electron/contract',
  'electron/engine',
  'electron/host',
  'native/index.ts',
  'native/field.ts',
  'native/layout.generated.ts',
  'package.json',
]

/** The sources and configuration of each set of bundles. Paths from the root. */
export const bundles = {
  node: bundle('vite.node.config.ts', 'dist/node', [
    ...engine,
    'electron/fronts',
    'vite.file-worker.ts',
    'vite.code-cache.ts',
    'vite.code-cache-recorder.cjs',
  ]),
  main: bundle('vite.main.config.ts', 'dist/main', [
    ...engine,
    'electron/main',
    'vite.file-worker.ts',
    'vite.bundle.ts',
  ]),
  preload: bundle('vite.preload.config.ts', 'dist/preload', [
    'electron/preload',
    'electron/contract',
    'vite.bundle.ts',
  ]),
  renderer: bundle('vite.renderer.config.ts', 'dist/renderer', [
    'renderer',
    'electron/contract',
    'package.json',
    'vite.bundle.ts',
  ]),
}

function bundle(config, out, sources) {
  return { config, out, sources: [...sources, config, 'tsconfig.json'] }
}

const native = ['native/build/Release/reuseport.node', 'native/build/Release/reuseport-lab']
const nativeSources = ['native/common', 'native/addon', 'native/lab', 'native/bpf', 'native/binding.gyp']

/**
 * Builds what is missing or stale. Takes a few milliseconds where nothing is.
 * @param {{ bundles: (keyof typeof bundles)[] }} wanted
 * @throws {SetupError} where a step fails, with the step and what to do.
 */
export function setUp(wanted) {
  const steps = () => [
    ...(dependenciesStale() ? [installDependencies] : []),
    ...(isStale('native', native, nativeSources) ? [buildAddon] : []),
    ...wanted.bundles
      .filter((name) => isStale(name, [bundles[name].out], bundles[name].sources))
      .map((name) => () => buildBundle(name)),
  ]
  if (steps().length === 0) return
  // Two programs may start at once on a fresh clone: the second waits, then checks again.
  withLock(join(root, 'dist/.setup'), () => {
    for (const step of steps()) step()
  })
}

export class SetupError extends Error {}

function dependenciesStale() {
  const installed = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installed)) return true
  if (modified('package-lock.json') <= modified('node_modules/.package-lock.json')) return false
  // `git checkout` can give an unchanged lock file a new time, so compare with the installed versions.
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const there = JSON.parse(readFileSync(installed, 'utf8')).packages
  return Object.entries(wanted).some(
    ([path, { version, optional }]) => path !== '' && !optional && there[path]?.version !== version,
  )
}

function installDependencies() {
  if (isLink(join(root, 'node_modules'))) {
    throw new SetupError(
      'node_modules is a symbolic link, and its contents do not match package-lock.json. Run `npm ci --ignore-scripts` in the target checkout.',
    )
  }
  runStep('Installing dependencies (once)', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])
}

function buildAddon() {
  const title = 'Building the native addon'
  const missing = missingTools(process.env)
  if (missing !== null) throw new SetupError(`${title} failed: ${missing}.`)
  // Compiles only what changed. To configure again finds files that were added, and another Node.
  stamped('native', () => {
    runStep(title, process.execPath, gypArguments('configure', 'build'))
    runStep('Building the BPF reader', process.execPath, ['native/build-bpf.mjs'])
  })
}

/**
 * Node's arguments that run these commands of node-gyp on the addon.
 * @param {string[]} commands
 */
export function gypArguments(...commands) {
  const headers = process.env.npm_config_nodedir ?? headersBeside(process.execPath, process.versions.node)
  return [
    'node_modules/node-gyp/bin/node-gyp.js',
    ...commands,
    '--jobs=max',
    '--directory=native',
    ...(headers ? [`--nodedir=${headers}`] : []),
  ]
}

function buildBundle(name) {
  const { config, out } = bundles[name]
  const vite = ['node_modules/vite/bin/vite.js', 'build', '--config', config, '--logLevel', 'warn']
  // A test runner sets NODE_ENV, and Vite would build another page.
  stamped(name, () => runStep(`Building ${out}`, process.execPath, vite, { NODE_ENV: 'production' }))
}

/** Runs a build. Its stamp gets the time of the start, so that a source edited during it counts as newer. */
function stamped(name, build) {
  const began = new Date()
  rmSync(join(root, stamp(name)), { force: true })
  build()
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(join(root, stamp(name)), '')
  utimesSync(join(root, stamp(name)), began, began)
}

/** A file whose time is the start of the last good build. Outside the build's folder, because that is shipped. */
function stamp(name) {
  return `dist/.${name}-built`
}

function isStale(name, outputs, sources) {
  return !outputs.every((path) => existsSync(join(root, path))) || newest(sources) > modified(stamp(name))
}

/**
 * Runs a program in the checkout; its output is shown only where it fails for an unknown cause.
 * @param {string} title
 * @param {string} program
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} environment in addition to this one's
 * @throws {SetupError}
 */
export function runStep(title, program, args, environment = {}) {
  process.stderr.write(`${title} …\n`)
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    env: { ...process.env, npm_config_loglevel: 'error', ...environment },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status === 0) return
  const printed = `${stdout}${stderr}`
  const cause = error?.message ?? causeOf(printed)
  if (cause !== null) throw new SetupError(`${title} failed: ${cause}.`)
  // The reason comes first; npm's usage text after it does not help.
  const detail = printed.trim().split('\n').slice(0, 40).join('\n')
  throw new SetupError(`${title} failed: \`${[program, ...args].join(' ')}\`\n${detail}`)
}

/** Latest modification time under these paths, in ms. A folder's own time changes when a file is removed. */
function newest(paths) {
  let latest = 0
  for (const path of paths) {
    const full = join(root, path)
    const stat = statSync(full, { throwIfNoEntry: false })
    if (stat === undefined) continue
    latest = Math.max(latest, stat.mtimeMs)
    if (stat.isDirectory()) latest = Math.max(latest, newest(readdirSync(full).map((name) => join(path, name))))
  }
  return latest
}

/** Modification time in ms; 0 where there is no such file. */
function modified(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}
