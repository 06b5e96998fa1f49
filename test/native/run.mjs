// Builds and runs the native tests, then the fuzz targets.
//
//   node test/native/run.mjs [--fuzz-runs N] [--fuzz-seed S]
//   node test/native/run.mjs --threads                  only the tests, with the thread sanitizer
//   node test/native/run.mjs FILE…                      only the tests in these files, without fuzzing
//
// A fuzz target reads its seeds, including earlier findings (fuzz_seeds/, fuzz_proc_net_seeds/, fuzz_lab_seeds/), and
// then N generated inputs, 20,000 by default, 0 for none. By default they are the same in every run; with --fuzz-seed
// the corpus is kept in build/corpus, build/corpus_proc_net and build/corpus_lab.
//
// The last line is {"passed":n,"failed":n,"skipped":n}; the exit status is 1 if anything failed.
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const here = dirname(fileURLToPath(import.meta.url))
const { values, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    'fuzz-runs': { type: 'string', default: '20000' },
    'fuzz-seed': { type: 'string' },
    threads: { type: 'boolean', default: false },
  },
})
for (const option of ['fuzz-runs', 'fuzz-seed']) {
  if (values[option] === undefined || /^\d{1,9}$/.test(values[option])) continue
  console.error(`--${option}: expected a whole number, not ${values[option]}`)
  process.exit(2)
}

const scratch = mkdtempSync(join(tmpdir(), 'reuseport-native-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

const counts = { passed: 0, failed: 0, skipped: 0 }

/**
 * Runs a program in this folder and returns its output, through a file: Node's pipes are sockets, and the tests count
 * the sockets that a process holds.
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
  if (missing) console.log('make is not installed')
  else if (!ok) console.log(output)
  return ok
}

function runTests(target, program, prefix = []) {
  if (!build(target)) {
    console.log(
      'native tests: build failed (needs doctest, and clang or g++: Debian packages doctest-dev, clang, libclang-rt-14-dev)',
    )
    counts.failed++
    return
  }
  const only = files.length > 0 ? [`--source-file=${files.map((file) => `*${basename(file)}`).join(',')}`] : []
  const [command, ...args] = [...prefix, program, ...only]
  const { ok, output } = run(command, args)
  console.log(output)
  const summary = /test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed \|\s*(\d+) skipped/.exec(output)
  counts.passed += Number(summary?.[1] ?? 0)
  counts.failed += Number(summary?.[2] ?? 0)
  // Those of other files count as skipped.
  if (files.length === 0) counts.skipped += Number(summary?.[3] ?? 0)
  if (!ok && !(Number(summary?.[2]) > 0)) counts.failed++ // crashed, or stopped by a sanitizer
}

function fuzz() {
  if (Number(values['fuzz-runs']) === 0) return
  if (run('clang++', ['--version']).missing) {
    console.log('fuzz target: skipped, clang++ is not installed (Debian packages clang, libclang-rt-14-dev)')
    counts.skipped++
    return
  }
  if (!build('fuzz')) {
    console.log('fuzz target: build failed (needs clang with libFuzzer: Debian packages clang, libclang-rt-14-dev)')
    counts.failed++
    return
  }
  const repeatable = values['fuzz-seed'] === undefined
  const corpus = repeatable ? join(scratch, 'corpus') : join(here, 'build', 'corpus')
  mkdirSync(corpus, { recursive: true })
  // Mostly short inputs: they run ten times as fast and cover almost as much. Long ones start from the corpus of the
  // short.
  const total = Number(values['fuzz-runs'])
  const long = Math.ceil(total / 10)
  for (const [runs, maxLength] of [
    [total - long, 48],
    [long, 2048],
  ]) {
    const start = performance.now()
    const { ok, output } = run('build/fuzz_dump', [
      corpus,
      'fuzz_seeds',
      `-runs=${runs}`,
      `-seed=${values['fuzz-seed'] ?? 1}`,
      `-max_len=${maxLength}`,
      // Its bookkeeping takes longer than the target.
      '-entropic=0',
      // The address sanitizer's own check at the end is enough.
      '-detect_leaks=0',
      '-artifact_prefix=build/',
      '-print_final_stats=1',
    ])
    console.log(ok ? output.split('\n').slice(-12).join('\n') : output)
    const seconds = ((performance.now() - start) / 1000).toFixed(0)
    console.log(`fuzz target: ${runs} inputs of at most ${maxLength} bytes in ${seconds} s`)
    counts[ok ? 'passed' : 'failed']++
  }
}

/** Runs a cheap target. */
function fuzzCheap(name) {
  if (Number(values['fuzz-runs']) === 0 || run('clang++', ['--version']).missing || !build(`build/fuzz_${name}`)) return
  const corpus = join(values['fuzz-seed'] === undefined ? scratch : join(here, 'build'), `corpus_${name}`)
  mkdirSync(corpus, { recursive: true })
  const { ok, output } = run(`build/fuzz_${name}`, [
    ...[corpus, `fuzz_${name}_seeds`, `-runs=${values['fuzz-runs']}`, `-seed=${values['fuzz-seed'] ?? 1}`],
    ...['-max_len=2048', '-entropic=0', '-artifact_prefix=build/', '-print_final_stats=1'],
  ])
  console.log(ok ? output.split('\n').slice(-8).join('\n') : output)
  console.log(`fuzz target ${name}: ${values['fuzz-runs']} inputs`)
  counts[ok ? 'passed' : 'failed']++
}

if (values.threads) {
  // clang 14's thread sanitizer fails with the address randomization of current kernels (vm.mmap_rnd_bits above 28).
  runTests('threads', 'build/thread_tests', ['setarch', '-R'])
} else {
  runTests('all', 'build/tests')
  if (files.length === 0) {
    fuzz()
    for (const name of ['proc_net', 'lab']) fuzzCheap(name)
  }
}
console.log(JSON.stringify(counts))
process.exit(counts.failed === 0 ? 0 : 1)
