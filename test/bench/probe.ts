/**
 * The part of the bench that runs in the engine's own process. Reads requests as JSON lines on standard input
 * ({"measure": NAME, …}) and writes JSON lines. Every duration is in milliseconds.
 */
import { createInterface } from 'node:readline'
import { repeat, watch } from './probe/engine.ts'
import { findings } from './probe/findings.ts'
import { close, lookup, owners, refresh } from './probe/native.ts'
import { usage } from './probe/process.ts'
import { snapshots } from './probe/snapshots.ts'

const measures = { refresh, owners, lookup, watch, repeat, findings, snapshots, usage }

type Request = { measure: keyof typeof measures }

for await (const line of createInterface({ input: process.stdin })) {
  const { measure, ...request } = JSON.parse(line) as Request
  // Its requests come only from measurements/, which has their types.
  const answer = (measures[measure] as (request: object) => Promise<unknown>)(request)
  process.stdout.write(`${JSON.stringify(await answer)}\n`)
}
close()
// Engines of finished measurements may still be running.
process.exit()
