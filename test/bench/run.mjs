/**
 * The bench: `npm run bench -- [--json] [--sockets N] [--rounds N] [--only NAME[,NAME…]]`. Measures what DESIGN.md
 * promises as ratios against plain programs in the same run, prints medians and the middle half of the runs. It judges
 * each promise and always ends with status 0: a slow machine is no failure.
 */
import { parseArgs } from 'node:util'
import { build, cleanUp } from './machine.mjs'
import { measurements } from './measurements.mjs'

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sockets: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '11' },
    only: { type: 'string' },
  },
})
const say = (text) => process.stderr.write(text)
const settings = { sockets: Number(options.sockets), rounds: Number(options.rounds) }
const wanted = options.only?.split(',')
if (process.getuid() !== 0) {
  console.error('The bench needs root: it makes a network namespace and as many sockets as it was asked for.')
  process.exit(2)
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
  for (const { name, measure } of measurements) {
    if (interrupted) break
    if (wanted && !wanted.includes(name)) continue
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

if (options.json) console.log(JSON.stringify({ ...settings, node: process.version, results }, null, 2))
else for (const result of results) console.log(lineOf(result))

function lineOf({ what, measured, unit, ratios = [], verdict }) {
  const number = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2))
  const { median, low, high, runs } = measured
  const spread = runs > 1 ? ` (${number(low)} to ${number(high)}, ${runs} runs)` : ''
  const judged = (ok) => (ok === null ? '' : ok ? '  PASS' : '  OVER')
  const lines = [`${what}: ${number(median)} ${unit}${spread}${judged(verdict ?? null)}`]
  for (const ratio of ratios) {
    const budget = ratio.budget === null ? '' : ` (${ratio.budget})`
    lines.push(
      `    ${number(ratio.value)} ${ratio.words}, ${number(ratio.reference.median)} ${unit}${budget}${judged(ratio.ok)}`,
    )
  }
  return lines.join('\n')
}
