/**
 * The bench: `npm run bench -- [--json] [--sockets N] [--rounds N] [--only NAME[,NAME…]]`. Measures the performance
 * budgets, as ratios to plain programs in the same run, and prints medians and the middle half of the runs. It says
 * whether each budget is met, which does not change its status: a slow machine is not a failure. Status 1 says that
 * something could not be measured.
 *
 * It runs itself again in its own namespaces (`--here`), so that the sockets, processes and namespaces of this machine
 * are not measured.
 */
import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { apart, cannotRunApart } from '../support/apart.mjs'
import { build, cleanUp } from './machine.mjs'
import { measurements } from './measurements/all.mjs'

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sockets: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '11' },
    only: { type: 'string' },
    here: { type: 'boolean', default: false },
  },
})
const say = (text) => process.stderr.write(text)
const settings = { sockets: Number(options.sockets), rounds: Number(options.rounds) }
const wanted = options.only?.split(',') ?? Object.keys(measurements)
const unknown = wanted.filter((name) => !(name in measurements))
if (unknown.length > 0) {
  console.error(`There is no measurement ${unknown.join(', ')}. There are ${Object.keys(measurements).join(', ')}.`)
  process.exit(2)
}
if (process.getuid() !== 0) {
  console.error('The bench needs root: it creates a network namespace with many sockets.')
  process.exit(2)
}

if (!options.here) {
  const why = cannotRunApart()
  if (why === null) await runApart()
  say(`Everything else on this machine is measured too: namespaces are not available (${why}).\n`)
}

/** Ends this process with the status of the one that measures. */
async function runApart() {
  const [file, ...args] = apart([process.execPath, import.meta.filename, '--here', ...process.argv.slice(2)])
  // Node reads these certificates at every start, for longer than all else it does then.
  const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined } })
  // Ctrl+C in the terminal reaches it directly, and it has to clean up.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const status = await new Promise((resolve) => child.once('close', (code) => resolve(code ?? 130)))
  process.exit(status)
}

let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, async () => {
    interrupted = true
    await cleanUp()
  })
}

const results = []
const failed = []
try {
  say('building …\n')
  await build()
  for (const [name, measure] of Object.entries(measurements)) {
    if (interrupted) break
    if (!wanted.includes(name)) continue
    say(`${name} …\n`)
    try {
      const measured = await measure(settings)
      results.push(...measured)
      // At once: all of it takes half an hour.
      if (!options.json) for (const result of measured) console.log(lineOf(result))
    } catch (error) {
      // An interrupt also ends what is being measured; that is no error.
      if (interrupted) break
      failed.push(name)
      console.error(error)
      await cleanUp()
    }
  }
} finally {
  await cleanUp()
}
if (interrupted) process.exit(130)

const judged = results.flatMap(({ what, ratios, ...own }) => [
  { what, ...own },
  ...ratios.map(({ words, ...each }) => ({ what: `${what}: ${words}`, ...each })),
])
const promised = judged.filter(({ reached }) => reached !== null)
const missed = promised.filter(({ reached }) => !reached)

if (options.json) console.log(JSON.stringify({ ...settings, node: process.version, results }, null, 2))
else {
  console.log(`\n${promised.length - missed.length} of ${promised.length} budgets met`)
  for (const { what } of missed) console.log(`    not met: ${what}`)
  for (const name of failed) console.log(`    not measured: ${name}`)
}
process.exitCode = failed.length > 0 ? 1 : 0

function lineOf({ what, measured, unit, ratios, ...promise }) {
  const { median, low, high, runs } = measured
  const spread = runs > 1 ? ` (${number(low)} to ${number(high)}, ${runs} runs)` : ''
  const lines = [`${what}: ${number(median)} ${unit}${spread}${verdict(promise)}`]
  for (const { words, value, reference, ...each } of ratios)
    lines.push(`    ${number(value)} ${words}, ${number(reference.median)} ${unit}${verdict(each)}`)
  return lines.join('\n')
}

function number(value) {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2)
}

function verdict({ budget, reached }) {
  if (budget === null) return ''
  return `  [${budget.direction} ${budget.limit}: ${reached ? 'met' : 'NOT MET'}]`
}
