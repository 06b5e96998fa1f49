/**
 * The part of the bench that runs in the engine's own process. Asked in JSON lines on standard input
 * ({"measure": NAME, …}), answers in JSON lines. Every duration is in milliseconds.
 */
import { createInterface } from 'node:readline'
import { repeat, watch } from './probe/engine.ts'
import { findings } from './probe/findings.ts'
import { close, oracle, owners, refresh } from './probe/native.ts'
import { usage } from './probe/process.ts'
import { snapshots } from './probe/snapshots.ts'

const measures = { refresh, owners, oracle, watch, repeat, findings, snapshots, usage }

type Question = { measure: keyof typeof measures }

for await (const line of createInterface({ input: process.stdin })) {
  const { measure, ...request } = JSON.parse(line) as Question
  // What a measure is asked with is written beside it in measurements/; nobody else asks.
  const answer = (measures[measure] as (request: object) => Promise<unknown>)(request)
  process.stdout.write(`${JSON.stringify(await answer)}\n`)
}
close()
// Engines of measurements that are over may still watch.
process.exit()
