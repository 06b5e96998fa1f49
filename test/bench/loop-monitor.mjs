/**
 * For `node --import`: checks every millisecond how long the main thread's loop was blocked, and when the process ends
 * writes the blocks to $LOOP_MONITOR as JSON: [end, duration, time of this thread on a processor during it], each in
 * milliseconds, the first by CLOCK_MONOTONIC, which all processes share.
 */
import { openSync, readSync, writeFileSync } from 'node:fs'

const RESOLUTION_MS = 1
/** Anything shorter is the timer itself. */
const SHORTEST_MS = 1.5
/** A minute of nothing but blocks; later ones are not recorded. */
const MAX_BLOCKS = 60_000

const schedstat = openSync('/proc/thread-self/schedstat', 'r')
const text = new Uint8Array(64)
const seen = new Float64Array(3 * MAX_BLOCKS)
let count = 0

/** Processor time of this thread so far (the first number of schedstat, proc(5)). Creates no garbage. */
function processorMs() {
  const length = readSync(schedstat, text, 0, text.length, 0)
  let ns = 0
  for (let at = 0; at < length; at++) {
    const digit = text[at] - 48
    if (digit < 0) break
    ns = 10 * ns + digit
  }
  return ns / 1e6
}

let at = performance.now()
let worked = processorMs()
setInterval(() => {
  const now = performance.now()
  const work = processorMs()
  const still = now - at - RESOLUTION_MS
  if (still + RESOLUTION_MS > SHORTEST_MS && count < MAX_BLOCKS) {
    seen.set([now, Math.max(0, still), work - worked], 3 * count)
    count++
  }
  at = now
  worked = work
}, RESOLUTION_MS).unref()

process.on('exit', () => {
  const toMonotonic = Number(process.hrtime.bigint()) / 1e6 - performance.now()
  const rows = Array.from({ length: count }, (_, row) => [...seen.subarray(3 * row, 3 * row + 3)])
  writeFileSync(process.env.LOOP_MONITOR, JSON.stringify(rows.map(([end, ...rest]) => [end + toMonotonic, ...rest])))
})
