/** The cost of the page, each measurement in its own process, which drives Chromium. */
import { join } from 'node:path'
import { ask, root } from '../machine.mjs'
import { atMost, result, single, summarize } from '../statistics.mjs'

const GROUPS = 10_000
const COMING = 500
const MEMBERS = 32_768
const SECONDS = 10
const ROUNDS = 5

const measure = async (name, ...numbers) =>
  JSON.parse(await ask([join(root, 'test/bench/page.mjs'), name, ...numbers.map(String)]))

export async function page() {
  const first = await measure('first', ROUNDS)
  const { refreshes, heap } = await measure('memory')
  const grown = heap.at(-1) - heap[0]
  return [
    frames(`with ${GROUPS} groups changing`, await measure('groups', GROUPS, SECONDS)),
    frames(
      `with ${GROUPS} groups changing, ${COMING} of them replaced`,
      await measure('groups', GROUPS, SECONDS, COMING),
    ),
    frames(`with a group of ${MEMBERS} members open, all changing`, await measure('moving', MEMBERS, SECONDS)),
    frames(`with a group of ${MEMBERS} real sockets open`, await measure('members', MEMBERS, SECONDS)),
    result(`from the start of serve to the first group on screen (${stages(first)})`, 'ms', summarize(first.ms), {
      budget: atMost(600),
    }),
    // A kilobyte kept per refresh would be more.
    result(
      `the page's heap grown from refresh ${refreshes / heap.length} to ${refreshes} (MiB: ${heap.map((one) => one.toFixed(1)).join(', ')})`,
      'MiB',
      single(grown),
      { budget: atMost(1) },
    ),
  ]
}

/** Where the time goes: medians. */
function stages({ node, listening, navigated, loaded, connecting }) {
  const at = (times) => Math.round(summarize(times).median)
  return `an empty program of Node takes ${at(node)} ms; serve listens at ${at(listening)}, the browser begins at ${at(navigated)}, has the script at ${at(loaded)} and has run it at ${at(connecting)}`
}

function frames(circumstances, { median, p95, p99, max, frames }) {
  const what = `scripting per frame ${circumstances}, 95th percentile (median to 99th; max ${max.toFixed(1)})`
  return result(what, 'ms', { median: p95, low: median, high: p99, runs: frames }, { budget: atMost(8) })
}
