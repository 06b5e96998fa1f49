/** What a frame of the page costs, in a process of its own: Chromium is driven from it. */
import { join } from 'node:path'
import { ask, root } from '../machine.mjs'
import { atMost, result } from '../statistics.mjs'

const GROUPS = 10_000
const SECONDS = 10

export async function page() {
  const cost = JSON.parse(await ask([join(root, 'test/bench/page.mjs'), String(GROUPS), String(SECONDS)]))
  const measured = { median: cost.p95, low: cost.median, high: cost.p99, runs: cost.frames }
  const what = `scripting a frame with ${GROUPS} groups changing, 95th percentile (median to 99th)`
  return [result(what, 'ms', measured, { budget: atMost(8) })]
}
