/**
 * The test command: `npm test`. Sets the clone up, runs every stage, adds up what they counted, and looks whether
 * anything of it is still there. Plain JavaScript on purpose: it runs before anything is built or installed.
 *
 *   node test/run.mjs [--only STAGE[,STAGE…]] [--no-setup]
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { listeningSockets, removeLeftovers } from './support/leaks.mjs'
import { runStage, stopStages } from './support/stage.mjs'

const root = resolve(import.meta.dirname, '..')
const bin = (name) => join(root, 'node_modules', '.bin', name)
const vitest = (project, minutes) => ({
  name: project,
  command: [
    process.execPath,
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--project',
    project,
    '--reporter=default',
    `--reporter=${join(root, 'test/support/counts-reporter.mjs')}`,
  ],
  counts: 'file',
  minutes,
})

/** Any of them can run alone. `minutes` is when a stage counts as hung. */
const stages = [
  { name: 'lint', command: [bin('biome'), 'check', '.'], counts: 'status', minutes: 2 },
  { name: 'types', command: [bin('tsc'), '--noEmit'], counts: 'status', minutes: 3 },
  vitest('unit', 8),
  // The fuzz target runs for a while at its end.
  { name: 'native', command: [process.execPath, 'test/native/run.mjs'], counts: 'last-line', minutes: 10 },
  vitest('integration', 20),
  vitest('desktop', 15),
  vitest('package', 10),
]
/**
 * The order, so that a mistake shows soon. Lanes run side by side: those of the first step measure nothing, and the
 * native tests are compiled for longer than all that stands beside them takes. The others want the machine to themselves.
 */
const steps = [[['lint', 'types', 'unit', 'package'], ['native']], [['integration']], [['desktop']]]

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, 'no-setup': { type: 'boolean', default: false } },
})
const wanted = options.only?.split(',')
const unknown = wanted?.filter((name) => !stages.some((stage) => stage.name === name)) ?? []
if (unknown.length > 0) {
  console.error(`There is no stage ${unknown.join(', ')}. Stages: ${stages.map((stage) => stage.name).join(', ')}.`)
  process.exit(2)
}

// Everything that the tests start inherits this mark, or works in this directory: it is how a leak is told from
// somebody else's process.
const mark = randomBytes(4).toString('hex')
const directory = join(tmpdir(), `rpi-test-${mark}`)
mkdirSync(directory, { mode: 0o755 })
const environment = {
  ...process.env,
  // What a stage prints is shown later, and may land in a file.
  NO_COLOR: '1',
  RPI_TEST_RUN: mark,
  TMPDIR: directory,
  XDG_CONFIG_HOME: join(directory, 'config'),
  XDG_STATE_HOME: join(directory, 'state'),
}

const total = { passed: 0, failed: 0, skipped: 0 }
const skips = []
const failures = []
let interrupted = null

for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
]) {
  process.on(signal, () => {
    if (interrupted) return
    interrupted = { signal, status: 128 + number }
    console.error(`\n${signal}: ending what the tests started`)
    stopStages()
  })
}

function count(name, result) {
  total.passed += result.passed
  total.failed += result.failed
  total.skipped += result.skipped
  for (const skip of result.skips) skips.push(`${name}: ${skip}`)
  for (const failure of result.failures) failures.push(`${name}: ${failure}`)
}

/** Stages one after another. */
async function runLane(names) {
  for (const name of names) {
    if (interrupted) break
    if (wanted && !wanted.includes(name)) continue
    const stage = stages.find((each) => each.name === name)
    count(name, await runStage(stage, { root, directory, environment }))
  }
}

async function makeReady() {
  const { bundles, setUp } = await import('../electron/launch/setup.mjs')
  setUp({ bundles: Object.keys(bundles) })
}

const before = listeningSockets()
try {
  if (!options['no-setup']) await makeReady()
  for (const lanes of steps) await Promise.all(lanes.map(runLane))
} catch (error) {
  console.error(`The set-up failed, so nothing was tested: ${error instanceof Error ? error.stack : error}`)
  total.failed++
} finally {
  const leaks = await removeLeftovers({ mark, directory, before, expected: interrupted !== null })
  for (const leak of leaks) console.error(`left behind: ${leak}`)
  if (!interrupted)
    count('leaks', { passed: leaks.length ? 0 : 1, failed: leaks.length, skipped: 0, skips: [], failures: leaks })
  rmSync(directory, { recursive: true, force: true })
}

if (skips.length > 0) console.log(`\nSkipped, and why:\n${skips.map((skip) => `  ${skip}`).join('\n')}`)
if (failures.length > 0) console.log(`\nFailed:\n${failures.map((failure) => `  ${failure}`).join('\n')}`)
if (interrupted) {
  console.log(`\nInterrupted by ${interrupted.signal}: the counts are of what ran until then.`)
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = interrupted?.status ?? (total.failed > 0 || total.passed === 0 ? 1 : 0)
