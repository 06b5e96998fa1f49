// Builds and runs the native tests, then the fuzz target for a while.
//
//   node test/native/run.mjs [--fuzz-seconds N]     20 by default, 0 leaves it out
//
// The last line is {"passed":n,"failed":n,"skipped":n}; the exit status is 1 when anything failed.
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const here = dirname(fileURLToPath(import.meta.url))
const { values } = parseArgs({ options: { 'fuzz-seconds': { type: 'string', default: '20' } } })
const fuzzSeconds = Number(values['fuzz-seconds'])
if (!Number.isInteger(fuzzSeconds) || fuzzSeconds < 0) {
  console.error(`--fuzz-seconds: a whole number of seconds is wanted, not ${values['fuzz-seconds']}`)
  process.exit(2)
}

const scratch = mkdtempSync(join(tmpdir(), 'reuseport-native-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

const counts = { passed: 0, failed: 0, skipped: 0 }

/**
 * Runs a program in this folder and gives its output, which goes through a file: what Node calls a pipe is a socket,
 * and the tests count the sockets that a process holds.
 */
function run(program, args) {
  const path = join(scratch, 'output')
  const file = openSync(path, 'w')
  const result = spawnSync(program, args, { cwd: here, stdio: ['ignore', file, file] })
  closeSync(file)
  const output = readFileSync(path, 'utf8')
  return { ok: result.status === 0, missing: result.error !== undefined, output }
}

function build(target) {
  const { ok, missing, output } = run('make', [`-j${availableParallelism()}`, target])
  if (missing) console.log('make could not be run: install make')
  else if (!ok) console.log(output)
  return ok
}

function runTests() {
  if (!build('all')) {
    console.log(
      'native tests: could not be built (doctest, and clang or g++, are needed: Debian packages doctest-dev, clang, libclang-rt-14-dev)',
    )
    counts.failed++
    return
  }
  const { ok, output } = run('build/tests', [])
  console.log(output)
  const summary = /test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed \|\s*(\d+) skipped/.exec(output)
  counts.passed += Number(summary?.[1] ?? 0)
  counts.failed += Number(summary?.[2] ?? 0)
  counts.skipped += Number(summary?.[3] ?? 0)
  if (!ok && !(Number(summary?.[2]) > 0)) counts.failed++ // it crashed, or a sanitizer stopped it
}

function fuzz() {
  if (fuzzSeconds === 0) return
  if (run('clang++', ['--version']).missing) {
    console.log('fuzz target: skipped, clang++ is not installed (Debian packages clang, libclang-rt-14-dev)')
    counts.skipped++
    return
  }
  if (!build('fuzz')) {
    console.log(
      'fuzz target: could not be built (clang with libFuzzer is needed: Debian packages clang, libclang-rt-14-dev)',
    )
    counts.failed++
    return
  }
  const corpus = join(here, 'build', 'corpus')
  mkdirSync(corpus, { recursive: true })
  const { ok, output } = run('build/fuzz_dump', [
    corpus,
    'fuzz_seeds',
    `-max_total_time=${fuzzSeconds}`,
    '-max_len=16384',
    '-artifact_prefix=build/',
    '-print_final_stats=1',
  ])
  console.log(ok ? output.split('\n').slice(-12).join('\n') : output)
  counts[ok ? 'passed' : 'failed']++
}

runTests()
fuzz()
console.log(JSON.stringify(counts))
process.exit(counts.failed === 0 ? 0 : 1)
