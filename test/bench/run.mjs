/**
 * The bench: `npm run bench -- [--json] [--sockets N] [--rounds N] [--only NAME[,NAME…]]`. Measures what the design
 * promises as ratios against plain programs in the same run, prints medians and the middle half of the runs. It judges
 * each promise and always ends with status 0: a slow machine is no failure.
 *
 * It runs itself again in namespaces of its own (`--here`), so that sockets, processes and namespaces of this machine do
 * not count with those that are measured.
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
  console.error('The bench needs root: it makes a network namespace and as many sockets as it was asked for.')
  process.exit(2)
}

if (!options.here) {
  const why = cannotRunApart()
  if (why === null) await runApart()
  say(`What else is on this machine is measured too: namespaces of its own are not to be had (${why}).\n`)
}

/** Ends this process as the one that measures ends. */
async function runApart() {
  const [file, ...args] = apart([process.execPath, import.meta.filename, '--here', ...process.argv.slice(2)])
  const child = spawn(file, args, { stdio: 'inherit' })
  // The terminal's Ctrl+C reaches it by itself, and it has something to put away.
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
try {
  say('building …\n')
  await build()
  for (const [name, measure] of Object.entries(measurements)) {
    if (interrupted) break
    if (!wanted.includes(name)) continue
    say(`${name} …\n`)
    results.push(...(await measure(settings)))
  }
} catch (error) {
  // What is measured ends too when the bench is interrupted; that is no news.
  if (!interrupted) throw error
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
  for (const result of results) console.log(lineOf(result))
  console.log(`\n${promised.length - missed.length} of ${promised.length} budgets reached`)
  for (const { what } of missed) console.log(`    not reached: ${what}`)
}

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
  return `  [${budget.direction} ${budget.limit}: ${reached ? 'reached' : 'NOT REACHED'}]`
}
