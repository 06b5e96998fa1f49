/** Runs one stage of the test command and reads its counts. */
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** How long a stage may take to end by itself after SIGTERM. */
const GRACE_MS = 8000
/** How long a pipe may stay open after its stage ended. */
const PIPE_HELD_MS = 10_000
/** The last lines of a failed stage's output are shown: runners put their summary there. */
const SHOWN_LINES = 300

/** The running stages. */
const running = new Set()

/** Ends the running stages, each with its whole process group. */
export function stopStages() {
  for (const each of running) stop(each)
}

function stop(each) {
  signalGroup(each.child.pid, 'SIGTERM')
  each.killTimer ??= setTimeout(() => signalGroup(each.child.pid, 'SIGKILL'), GRACE_MS)
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal)
  } catch {
    // ESRCH: it has ended.
  }
}

/**
 * Runs `stage.command` and resolves to `{ passed, failed, skipped, skips, failures }`, the last two as texts.
 * `stage.counts` says where the counts are: `status` (the stage is one test), `none` (it is not a test), `last-line` (a
 * JSON object), `file` (from counts-reporter.mjs), or `lane` (from the test command, which prints everything itself).
 * A stage that exits with an error without counting a failure counts as one failure.
 */
export async function runStage(stage, { root, directory, environment }) {
  const report = join(directory, `${stage.name}.counts.json`)
  const started = performance.now()
  const { output, status, late } = await run(stage, root, { ...environment, RPI_TEST_REPORT: report })
  const lane = stage.counts === 'lane'
  const counted = countsOf(stage, status, output, report)
  const named = (words) => (lane ? words : `${stage.name}: ${words}`)
  const result = {
    passed: 0,
    failed: 0,
    skipped: 0,
    ...counted,
    skips: (counted.skips ?? []).map(named),
    failures: (counted.failures ?? []).map(named),
  }
  if (status !== 0 && result.failed === 0) result.failed = 1
  if (late) {
    result.failures.push(`${stage.name}: timed out after ${stage.minutes} minutes`)
    output.push(`The stage timed out after ${stage.minutes} minutes.`)
  }
  if (status === 0 && result.passed + result.skipped === 0 && stage.counts !== 'none') {
    result.failed = 1
    output.push('The stage counted no tests.')
  }
  if (result.failed > 0 && result.failures.length === 0)
    result.failures.push(`${stage.name}: ended with status ${status}`)
  if (lane) process.stdout.write(output.join(''))
  else print(stage, result, output, (performance.now() - started) / 1000)
  return result
}

function print(stage, result, output, seconds) {
  const words = stage.counts === 'none' ? [] : [`${result.passed} passed`]
  if (result.failed) words.push(`${result.failed} FAILED`)
  if (result.skipped) words.push(`${result.skipped} skipped`)
  console.log(`${stage.name.padEnd(12)}${words.join(', ')}  (${seconds.toFixed(1)} s)`)
  if (result.failed === 0) return
  const lines = output.join('\n').trimEnd().split('\n').slice(-SHOWN_LINES)
  console.log(lines.map((line) => `  ${line}`).join('\n'))
}

async function run(stage, root, env) {
  const [file, ...args] = stage.command
  // A stage that is not a test shows its progress.
  const shown = stage.counts === 'none'
  // Its own process group, so that all of it can be ended.
  const child = spawn(file, args, {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', shown ? 'inherit' : 'pipe'],
  })
  const output = []
  let late = false
  const collect = (chunk) => output.push(chunk)
  child.stdout.setEncoding('utf8').on('data', collect)
  child.stderr?.setEncoding('utf8').on('data', collect)
  const own = { child, killTimer: null }
  running.add(own)
  const hung = setTimeout(() => {
    late = true
    stop(own)
  }, stage.minutes * 60_000)
  const status = await new Promise((resolve) => {
    child.on('error', (error) => {
      output.push(`${file} could not be started: ${error.message}`)
      resolve(1)
    })
    // All output has been read then. A leaked grandchild keeps the pipe open: the wait for it is short, and the leak
    // check finds it.
    child.on('close', (code) => resolve(code ?? 1))
    child.on('exit', (code) => setTimeout(() => resolve(code ?? 1), PIPE_HELD_MS).unref())
  })
  clearTimeout(hung)
  clearTimeout(own.killTimer)
  running.delete(own)
  child.stdout.destroy()
  child.stderr?.destroy()
  return { output: [output.join('')], status, late }
}

function countsOf(stage, status, output, report) {
  if (stage.counts === 'none') return {}
  if (stage.counts === 'status') return status === 0 ? { passed: 1 } : { failed: 1 }
  try {
    if (stage.counts === 'file' || stage.counts === 'lane') return JSON.parse(readFileSync(report, 'utf8'))
    const last = output.join('').trimEnd().split('\n').at(-1) ?? ''
    const { passed, failed, skipped, skips = [], failures = [] } = JSON.parse(last)
    return { passed, failed, skipped, skips, failures }
  } catch {
    // It ended before it could count: the caller counts one failure.
    return {}
  } finally {
    rmSync(report, { force: true })
  }
}
