/** What the bench needs around it: programs, a namespace of its own with many sockets, and a way to ask the probe. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

export const root = resolve(import.meta.dirname, '../..')
const out = join(root, 'dist/bench')
/** What is undone at the end, last first. */
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
      // As what is shipped: V8 keeps the text.
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

/** Runs a program to its end and gives what it printed and how long it took, in ms. */
export function time(namespace, file, args, options = {}) {
  const [command, all] = inside(namespace, file, args)
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync(command, all, { encoding: 'utf8', maxBuffer: 1 << 30, ...options })
  const ms = performance.now() - started
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${stderr}`)
  return { stdout: stdout ?? '', ms }
}

export const program = (name) => join(out, name)

/** Starts a program in a namespace, null for this one. It ends with the bench at the latest. */
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

/**
 * Makes `groups` ports of `members` listeners each, held until `end` or the end of the bench. `drain` takes what waits in
 * those of UDP.
 */
export async function makeListeners(namespace, groups, members, udp = false) {
  const args = ['--groups', String(groups), '--members', String(members), ...(udp ? ['--udp'] : [])]
  const { child, lines, end } = start(namespace, program('listeners'), args)
  const told = async (what) => {
    const { value = '' } = await lines.next()
    if (!value.startsWith(what)) throw new Error(`the listeners ended before they were ${what}`)
  }
  await told('ready')
  const drain = async () => {
    child.stdin.write('d')
    await told('drained')
  }
  return { end, drain }
}

/** Starts the probe in a namespace; `ask` puts one question to it. */
export function startProbe(namespace) {
  // At the end it may be in the middle of a measurement, and has nothing to put away.
  const options = { signal: 'SIGKILL' }
  const { child, lines, gone } = start(namespace, process.execPath, ['--expose-gc', program('probe.js')], options)
  return {
    ask: async (measure, request = {}) => {
      child.stdin.write(`${JSON.stringify({ measure, ...request })}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error(`the probe ended while it was asked for ${measure}`)
      return JSON.parse(value)
    },
    end: async () => {
      child.stdin.end()
      await gone
    },
  }
}

/** Runs a program of Node's to its end, while this process goes on, and gives what it printed. */
export async function ask(args, namespace = null) {
  const { lines, gone } = start(namespace, process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  for await (const line of lines) text += `${line}\n`
  const status = await gone
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`)
  return text
}

/** A directory of the bench's own. */
export function makeDirectory() {
  const path = mkdtempSync(join(tmpdir(), 'reuseport-inspector-bench-'))
  undo.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

let cleaning = null

/** Ends and removes everything, last first. Whoever asks while it is being done waits for that. */
export function cleanUp() {
  cleaning ??= (async () => {
    for (const step of undo.splice(0).reverse()) await step()
  })()
  return cleaning
}
