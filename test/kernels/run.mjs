/**
 * `npm run test:kernels`: boots the kernels of Debian's releases, each in a guest machine, and runs the tests in guest/
 * there, against the built product. Needs no KVM and, except for --here, no root.
 *
 *   node test/kernels/run.mjs [--only VERSION[,VERSION…]] [--here] [--verbose]
 *
 * --here boots nothing: the tests run on this machine's own kernel, as root, in their own namespaces. --verbose shows
 * each test as it ends, with the seconds since the start and its duration. The last line has the counts; a kernel that
 * is not available is skipped, with the reason.
 */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { setUp } from '../../electron/launch/setup.mjs'
import { apart } from '../support/apart.mjs'
import { runMachine, stopMachines } from './machine.mjs'
import { kernelFolder, kernels } from './packages.mjs'
import { makeTree, packTree } from './tree.mjs'

/** When a guest counts as hung. In total it takes four minutes of processor time, shared by two processors. */
const SILENT_MINUTES = 10

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    here: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})
const only = options.only?.split(',')
const unknown = only?.filter((version) => !kernels.some((kernel) => kernel.version === version)) ?? []
if (unknown.length > 0) {
  console.error(
    `There is no kernel ${unknown.join(', ')}. Kernels: ${kernels.map(({ version }) => version).join(', ')}.`,
  )
  process.exit(2)
}

const total = { passed: 0, failed: 0, skipped: 0 }
const skips = []
const scratch = mkdtempSync(join(tmpdir(), 'reuseport-kernels-'))
// Other users run the product from here.
chmodSync(scratch, 0o755)
process.on('exit', () => {
  stopMachines()
  rmSync(scratch, { recursive: true, force: true })
})
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
])
  process.on(signal, () => process.exit(128 + number))

/** Counts the results of the tests, one JSON object per line; prints failures at once and a summary at the end. */
function listener(name) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const remarks = []
  let ended = null
  const began = performance.now()
  const seconds = () => ((performance.now() - began) / 1000).toFixed(1)
  return {
    onLine(line) {
      const said = parse(line)
      if (said === null) return
      if (said.ended !== undefined) ended = said.ended
      if (said.remark !== undefined) remarks.push(said.remark)
      if (said.outcome === undefined) return
      counts[said.outcome]++
      if (options.verbose) console.log(`${name} ${seconds().padStart(6)} ${said.outcome} ${said.test} (${said.ms} ms)`)
      if (said.outcome === 'skipped') skips.push(`${name}: ${said.test}: ${said.reason ?? 'no reason given'}`)
      if (said.error !== undefined) console.log(`${name}: FAILED ${said.test}\n${indent(said.error)}`)
    },
    /** `why`: what went wrong with the machine, or null; `console`: the end of its console. */
    close({ why, console: written }) {
      // Tests that were not counted are failures too: the run ended early, or with another status.
      if (why !== null || (counts.failed === 0 && (ended !== 0 || counts.passed === 0))) {
        counts.failed++
        console.log(
          `${name}: the tests did not finish: ${why ?? (ended === null ? 'the machine powered off early' : `status ${ended}`)}`,
        )
      }
      if (counts.failed > 0 && written !== '') console.log(`${name}: the end of its console:\n${indent(written)}`)
      for (const outcome of Object.keys(total)) total[outcome] += counts[outcome]
      console.log(
        `${name.padEnd(12)}${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped  (${seconds()} s)`,
      )
      for (const remark of remarks) console.log(`  ${remark}`)
    },
  }
}

function parse(line) {
  try {
    return JSON.parse(line)
  } catch {
    // A guest's kernel may write here before the tests start.
    return null
  }
}

const indent = (text) => text.replaceAll(/^/gm, '  ')

function skip(name, reason) {
  total.skipped++
  skips.push(`${name}: ${reason}`)
}

/** Why no guest can boot here; null if one can. */
function missingProgram() {
  const missing = [
    ['qemu-system-x86_64', 'qemu-system-x86'],
    ['cpio', 'cpio'],
    ['busybox', 'busybox-static'],
    ['python3', 'python3'],
    ['ip', 'iproute2'],
    ['apt-get', 'apt'],
  ].find(([program]) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
  return missing === undefined ? null : `${missing[0]} is not installed (Debian package ${missing[1]})`
}

/** The folders of the available kernels. */
function fetchKernels() {
  const why = process.arch === 'x64' ? missingProgram() : `the guests are x86-64 machines, and this is ${process.arch}`
  const fetched = []
  for (const kernel of kernels.filter(({ version }) => only?.includes(version) ?? true)) {
    try {
      if (why !== null) throw new Error(why)
      fetched.push({ name: `Linux ${kernel.version}`, folder: kernelFolder(kernel) })
    } catch (error) {
      skip(`Linux ${kernel.version}`, error.message)
    }
  }
  return fetched
}

async function boot({ name, folder }, initrd) {
  const image = readdirSync(join(folder, 'boot')).find((file) => file.startsWith('vmlinuz-'))
  const { onLine, close } = listener(name)
  close(
    await runMachine({
      kernel: join(folder, 'boot', image),
      initrd,
      console: join(scratch, 'console'),
      silentMinutes: SILENT_MINUTES,
      onLine,
    }),
  )
}

async function runHere(tree) {
  const { onLine, close } = listener(`Linux ${release()}`)
  const [file, ...args] = apart(['sh', '-c', 'cd "$1" && sh ./run.sh', 'sh', join(tree, 'tests')])
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PRODUCT: join(tree, 'product') },
  })
  createInterface({ input: child.stdout }).on('line', onLine)
  await new Promise((resolve) => child.on('close', resolve))
  close({ why: null, console: '' })
}

setUp({ bundles: ['node', 'renderer'] })
const tree = join(scratch, 'tree')
mkdirSync(tree, { mode: 0o755 })
if (options.here) {
  await makeTree(tree, [])
  await runHere(tree)
} else {
  const fetched = fetchKernels()
  if (fetched.length > 0) {
    const initrd = join(scratch, 'initrd')
    await makeTree(
      tree,
      fetched.map(({ folder }) => folder),
    )
    packTree(tree, initrd)
    for (const kernel of fetched) await boot(kernel, initrd)
  }
}
if (skips.length > 0) console.log(`\nSkipped, with the reason:\n${skips.map((line) => `  ${line}`).join('\n')}`)
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = total.failed > 0 ? 1 : 0
