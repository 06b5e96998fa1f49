/**
 * The test command: `npm test`. Sets up the clone, runs every stage, adds up the counts, and checks for leftovers.
 * Plain JavaScript on purpose: it runs before anything is built or installed.
 *
 *   node test/run.mjs [NAME…] [--only STAGE[,STAGE…]] [--no-setup] [--report FILE]
 *
 * With names, only the test files whose path contains one of them run, in every stage; the name of a stage is that stage.
 * With --report, the stages run in this namespace and the counts are written to the file: the command runs itself that
 * way for stages that have their own namespaces, with --shard K/N for one of N parts of their test files.
 */
import '../electron/launch/node-version.mjs'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join, resolve } from 'node:path'
import util from 'node:util'
import { apartStage, cannotRunApart } from './support/apart.mjs'
import { removeLeftovers } from './support/leaks.mjs'
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

/** Any stage can run alone. `minutes` is when it counts as hung: on a busy machine it takes several times as long. */
const stages = [
  { name: 'lint', command: [bin('biome'), 'check', '.'], counts: 'status', minutes: 10 },
  // A second checker would work out the types that the first one knows already.
  { name: 'types', command: [bin('tsc'), '-b', '--checkers', '1'], counts: 'status', minutes: 10 },
  vitest('unit', 20),
  // The fuzz target runs several thousand inputs at the end.
  { name: 'native', command: [process.execPath, 'test/native/run.mjs'], counts: 'last-line', minutes: 45 },
  vitest('integration', 45),
  vitest('desktop', 45),
  { ...vitest('package', 20), fetches: true },
]
/**
 * The stages of a lane run one after another. Lanes run in parallel, two for each processor, and start in this order, so
 * that mistakes show soon. Stages that read the machine's processes and sockets run apart, in their
 * own namespaces; where namespaces are not available, nothing else runs beside them.
 */
const lanes = [
  // Needs nothing from the set-up, and compiles while that waits for the network.
  { stages: ['native'], needsSetUp: false, apart: false },
  { stages: ['lint', 'types', 'unit', 'package'], needsSetUp: true, apart: false },
  // The longest parts first, so that no processor is idle at the end.
  { stages: ['desktop'], needsSetUp: true, apart: true, shards: 3 },
  { stages: ['integration'], needsSetUp: true, apart: true, shards: 4 },
]
/** Lanes wait for half of their time. */
const AT_ONCE = Math.max(3, 2 * os.availableParallelism())

const { values: options, positionals: names } = util.parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    'no-setup': { type: 'boolean', default: false },
    report: { type: 'string' },
    shard: { type: 'string' },
  },
})
const wanted = options.only?.split(',')
const unknown = wanted?.filter((name) => !stages.some((stage) => stage.name === name)) ?? []
if (unknown.length > 0) {
  console.error(`There is no stage ${unknown.join(', ')}. Stages: ${stages.map((stage) => stage.name).join(', ')}.`)
  process.exit(2)
}
const testFiles = readdirSync(join(root, 'test'), { recursive: true })
  .filter((path) => /\.test\.tsx?$|_test\.cc$/.test(path))
  .map((path) => `test/${path}`)
const nameless = names.filter((name) => !stages.some((stage) => filesOf(stage, [name]) !== null))
if (nameless.length > 0) {
  console.error(`There is no stage and no test file with this in its path: ${nameless.join(', ')}`)
  process.exit(2)
}

/** The test files of a stage that the names choose: none for the whole stage, null where it has nothing to run. */
function filesOf(stage, names) {
  if (names.length === 0 || names.includes(stage.name)) return []
  const files = testFiles.filter(
    (path) => path.startsWith(`test/${stage.name}/`) && names.some((name) => path.includes(name)),
  )
  return files.length > 0 ? files : null
}

/** The stages of a lane that are to run, each with the files that are to run. */
function chosen(lane) {
  return stages
    .filter(({ name }) => lane.stages.includes(name) && (wanted?.includes(name) ?? true))
    .flatMap((stage) => {
      const files = filesOf(stage, names)
      const shard = options.shard === undefined ? [] : [`--shard=${options.shard}`]
      return files === null ? [] : [{ ...stage, command: [...stage.command, ...shard, ...files] }]
    })
}

// Everything that the tests start inherits this mark, or works in this directory: it distinguishes a leak from an
// unrelated process.
const mark = randomBytes(4).toString('hex')
const directory = join(os.tmpdir(), `rpi-test-${mark}`)
mkdirSync(directory, { mode: 0o755 })
const environment = {
  ...process.env,
  // The output of a stage is shown later, and may go to a file.
  NO_COLOR: '1',
  RPI_TEST_RUN: mark,
  TMPDIR: directory,
  XDG_CONFIG_HOME: join(directory, 'config'),
  XDG_STATE_HOME: join(directory, 'state'),
}
// Node reads these certificates at every start, for longer than all else it does then. Only set-up and packaging fetch
// anything, through npm.
const withoutCertificates = { ...environment, NODE_EXTRA_CA_CERTS: undefined }

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

function count(result) {
  for (const outcome of ['passed', 'failed', 'skipped']) total[outcome] += result[outcome]
  skips.push(...result.skips)
  failures.push(...result.failures)
}

/** Where a stage runs. */
function where({ fetches = false }) {
  return { root, directory, environment: fetches ? environment : withoutCertificates }
}

/** Runs lanes, `atOnce` in parallel. */
async function runLanes(lanes, atOnce, apart) {
  const queue = [...lanes]
  const takeTurns = async () => {
    for (let lane = queue.shift(); lane !== undefined; lane = queue.shift()) {
      const own = chosen(lane)
      if (own.length === 0 || (lane.needsSetUp && !(await ready()))) continue
      for (const stage of lane.apart && apart ? [apartStage(own, names, lane.shard, root)] : own) {
        if (!interrupted) count(await runStage(stage, where(stage)))
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, takeTurns))
}

let setUp = null
/** Sets up the clone, once; resolves to whether that succeeded. */
function ready() {
  setUp ??= options['no-setup']
    ? Promise.resolve(true)
    : runStage(
        { name: 'set-up', command: [process.execPath, 'test/support/set-up.mjs'], counts: 'none', minutes: 10 },
        where({ fetches: true }),
      ).then((result) => {
        count(result)
        return result.failed === 0
      })
  return setUp
}

/** The parts of a lane that takes longer than the others; the files that names choose stay together. */
function sharded(lane) {
  if (lane.shards === undefined || names.length > 0) return [lane]
  return Array.from({ length: lane.shards }, (_, at) => ({ ...lane, shard: `${at + 1}/${lane.shards}` }))
}

async function runAll() {
  if (options.report) return runLanes(lanes, 1, false)
  const why = cannotRunApart()
  if (why === null) return runLanes(lanes.flatMap(sharded), AT_ONCE, true)
  console.log(`Stages that could disturb each other run one after another: namespaces are not available (${why}).`)
  await runLanes(
    lanes.filter(({ apart }) => !apart),
    2,
    false,
  )
  await runLanes(
    lanes.filter(({ apart }) => apart),
    1,
    false,
  )
}

try {
  await runAll()
} finally {
  const leaks = await removeLeftovers({
    mark,
    directory,
    ownNamespaces: Boolean(options.report),
    expected: interrupted !== null,
  })
  for (const leak of leaks) console.error(`left behind: ${leak}`)
  if (!interrupted)
    count({
      passed: leaks.length ? 0 : 1,
      failed: leaks.length,
      skipped: 0,
      skips: [],
      failures: leaks.map((leak) => `leaks: ${leak}`),
    })
  rmSync(directory, { recursive: true, force: true })
}

if (options.report) {
  writeFileSync(options.report, JSON.stringify({ ...total, skips, failures }))
  process.exit(interrupted?.status ?? (total.failed > 0 ? 1 : 0))
}
if (skips.length > 0) console.log(`\nSkipped, with the reason:\n${skips.map((skip) => `  ${skip}`).join('\n')}`)
if (failures.length > 0) console.log(`\nFailed:\n${failures.map((failure) => `  ${failure}`).join('\n')}`)
if (interrupted) {
  console.log(`\nInterrupted by ${interrupted.signal}: the counts are for what ran before.`)
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = interrupted?.status ?? (total.failed > 0 || total.passed === 0 ? 1 : 0)
