/** The surroundings of the bench: programs, a namespace with many sockets, and requests to the probe. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

export const root = resolve(import.meta.dirname, '../..')
const out = join(root, 'dist/bench')
/** Clean-up steps, run last first. */
const undo = []

export async function build() {
  const { bundles, setUp } = await import('../../electron/launch/setup.mjs')
  setUp({ bundles: Object.keys(bundles) })
  mkdirSync(out, { recursive: true })
  for (const name of ['dump', 'listeners', 'proc_scan', 'traffic']) {
    const source = join(root, 'test/bench/reference', `${name}.c`)
    execFileSync('gcc', ['-O2', '-o', join(out, name), source], { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  const { build: bundle } = await import('vite')
  await bundle({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    assetsInclude: ['**/*.wasm'],
    build: {
      ssr: 'test/bench/probe.ts',
      outDir: 'dist/bench',
      emptyOutDir: false,
      target: 'node20',
      // As in the release: V8 keeps the source in memory.
      minify: true,
      rolldownOptions: { output: { entryFileNames: 'probe.js', chunkFileNames: '[name].js' } },
    },
  })
}

/** A network namespace with loopback up. */
export function makeNamespace() {
  const name = `rpi-test-bench-${process.pid}-${undo.length}`
  execFileSync('ip', ['netns', 'add', name])
  undo.push(() => spawnSync('ip', ['netns', 'del', name]))
  execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
  return name
}

function inside(namespace, file, args) {
  return namespace === null ? [file, args] : ['nsenter', [`--net=/run/netns/${namespace}`, file, ...args]]
}

/** Runs a program to its end; returns its output and its duration in ms. */
export function time(namespace, file, args, options = {}) {
  const [command, all] = inside(namespace, file, args)
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync(command, all, { encoding: 'utf8', maxBuffer: 1 << 30, ...options })
  const ms = performance.now() - started
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${stderr}`)
  return { stdout: stdout ?? '', ms }
}

/**
 * Runs a program to its end, its output into nothing; returns its duration and its processor time in ms. Programs that it
 * started and left are included: they end with it, as in a pid namespace.
 */
export function processorTime(namespace, file, args) {
  const script = 'TIMEFORMAT="%R %U %S"; time unshare --pid --fork --kill-child -- "$@" > /dev/null 2>&1'
  const [command, all] = inside(namespace, 'bash', ['-c', script, 'bash', file, ...args])
  const { status, stderr } = spawnSync(command, all, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${stderr}`)
  const [wall, user, system] = stderr
    .trim()
    .split(' ')
    .map((seconds) => 1000 * Number(seconds))
  return { ms: wall, processorMs: user + system }
}

export const program = (name) => join(out, name)

/** Starts a program in a namespace (null: this one). It ends with the bench at the latest. */
export function start(namespace, file, args, { signal = 'SIGTERM', ...options } = {}) {
  const [command, all] = inside(namespace, file, args)
  const child = spawn(command, all, { stdio: ['pipe', 'pipe', 'inherit'], ...options })
  const gone = new Promise((resolve) => child.once('close', resolve))
  const end = async () => {
    child.kill(signal)
    await gone
  }
  undo.push(end)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return { child, gone, lines, end }
}

/** Opens `groups` ports of `members` listeners each, until `end` or the bench's end. `drain` empties UDP queues. */
export async function makeListeners(namespace, groups, members, udp = false) {
  const args = ['--groups', String(groups), '--members', String(members), ...(udp ? ['--udp'] : [])]
  const { child, lines, end } = start(namespace, program('listeners'), args)
  const reached = async (state) => {
    const { value = '' } = await lines.next()
    if (!value.startsWith(state)) throw new Error(`the listeners ended before they were ${state}`)
  }
  await reached('ready')
  const drain = async () => {
    child.stdin.write('d')
    await reached('drained')
  }
  return { end, drain }
}

/** Starts the probe in a namespace; `ask` sends it one request. */
export function startProbe(namespace) {
  // At the end it may be in the middle of a measurement, and has nothing to clean up.
  const options = { signal: 'SIGKILL' }
  const { child, lines, gone } = start(namespace, process.execPath, ['--expose-gc', program('probe.js')], options)
  return {
    ask: async (measure, request = {}) => {
      child.stdin.write(`${JSON.stringify({ measure, ...request })}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error(`the probe ended during ${measure}`)
      return JSON.parse(value)
    },
    end: async () => {
      child.stdin.end()
      await gone
    },
  }
}

/** Runs a Node program to its end without blocking this process; returns its output. */
export async function ask(args, namespace = null) {
  const { lines, gone } = start(namespace, process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  for await (const line of lines) text += `${line}\n`
  const status = await gone
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`)
  return text
}

/** A temporary directory. */
export function makeDirectory() {
  const path = mkdtempSync(join(tmpdir(), 'reuseport-inspector-bench-'))
  undo.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

let cleaning = null

/** Ends and removes everything, last first. Concurrent calls wait for the same clean-up. */
export function cleanUp() {
  cleaning ??= (async () => {
    for (const step of undo.splice(0).reverse()) await step()
    cleaning = null
  })()
  return cleaning
}
