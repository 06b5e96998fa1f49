/**
 * Files from outside, damaged in every way that comes to mind: a thousand in `npm test`, always the same ones, and as
 * many as there is time for with `npm run fuzz:files` (FUZZ_RUNS, FUZZ_SEED). Whatever is refused is refused in words;
 * whatever is taken can be used by everything that uses files.
 */
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Settings } from '../../../electron/contract/settings.ts'
import { compare } from '../../../electron/engine/snapshots/compare.ts'
import { exported } from '../../../electron/engine/snapshots/exports/formats.ts'
import { FileProblem } from '../../../electron/engine/snapshots/file-problem.ts'
import { OpenedRecording } from '../../../electron/engine/snapshots/opened-recording.ts'
import { partsOf, whole } from '../../../electron/engine/snapshots/parts.ts'
import { snapshotOf } from '../../../electron/engine/snapshots/read.ts'
import { difference } from '../../../electron/engine/snapshots/recording.ts'
import { redacted } from '../../../electron/engine/snapshots/redact.ts'
import { aGroup, aMember, aSnapshot } from '../../doubles/picture.ts'

const RUNS = Number(process.env.FUZZ_RUNS ?? 1000)
const SEED = Number(process.env.FUZZ_SEED ?? 1)

/** Numbers that are the same for the same seed (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const before = aSnapshot({
  groups: [
    aGroup({ members: [aMember({ cookie: '1' }), aMember({ cookie: '2', holders: null })] }),
    aGroup({ id: '00000000000000a1' }),
  ],
})
const after = aSnapshot({
  groups: [aGroup({ members: [aMember({ cookie: '1', drops: 7 }), aMember({ cookie: '3' })] })],
})
const head = { schema: 'reuseport-inspector/recording/1', startedAt: before.takenAt, intervalMs: 1000 }
const recording = [head, before, difference(before, after), difference(after, before)]
  .map((line) => JSON.stringify(line))
  .join('\n')
const SEEDS = [JSON.stringify(before), JSON.stringify(before, null, 1), recording, JSON.stringify(Settings.parse({}))]
/** What a value may be replaced by, and names that mean something to JavaScript. */
const VALUES = [
  'null',
  '1',
  '-1',
  '1e999',
  '9007199254740993',
  '"x"',
  '""',
  '[]',
  '{}',
  'true',
  '"__proto__"',
  '"constructor"',
  '[[[[]]]]',
  '"\\ud800"',
]

type Choose = ReturnType<typeof numbers>

/** One to four changes: a value for another, a byte, a piece cut out, doubled, or taken from another file. */
function mutated(choose: Choose): Buffer {
  let text = SEEDS[choose(SEEDS.length)] ?? ''
  for (let changes = 1 + choose(4); changes > 0; changes--) {
    const at = choose(text.length + 1)
    const end = Math.min(text.length, at + 1 + choose(40))
    const other = SEEDS[choose(SEEDS.length)] ?? ''
    const from = choose(other.length)
    switch (choose(6)) {
      case 0: {
        const values = [...text.matchAll(/"[^"]*"|-?\d+|null|true|false/g)]
        const value = values[choose(Math.max(1, values.length))]
        if (value === undefined) break
        text = text.slice(0, value.index) + VALUES[choose(VALUES.length)] + text.slice(value.index + value[0].length)
        break
      }
      case 1:
        text = text.slice(0, at) + String.fromCharCode(choose(256)) + text.slice(at + 1)
        break
      case 2:
        text = text.slice(0, at) + text.slice(end)
        break
      case 3:
        text = text.slice(0, end) + text.slice(at)
        break
      case 4:
        text = text.slice(0, at) + other.slice(from, from + choose(200)) + text.slice(at)
        break
      default:
        text = text.slice(0, at)
    }
  }
  const bytes = Buffer.from(text, choose(4) === 0 ? 'latin1' : 'utf8')
  if (choose(4) > 0) return bytes
  const packed = gzipSync(bytes, { level: 1 })
  if (choose(2) === 0) packed[choose(packed.length)] = choose(256)
  return packed.subarray(0, packed.length - (choose(2) === 0 ? choose(packed.length) : 0))
}

async function* chunks(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size)
}

/** What `work` gives, or null where it refuses in words. Anything else that is thrown is a finding. */
async function inWords<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error
    expect(error.data.happened.length).toBeLessThan(1000)
    return null
  }
}

async function tryAll(bytes: Buffer, size: number): Promise<number> {
  const snapshot = await inWords(snapshotOf('x', chunks(bytes, size)))
  const opened = await inWords(OpenedRecording.read('x', chunks(bytes, size)))
  const pictures = opened === null ? [] : [opened.picture(opened.length - 1), opened.picture(0)]
  const all = snapshot === null ? pictures : [snapshot, ...pictures]
  for (const taken of all) {
    compare(taken, before)
    compare(before, taken)
    const hidden = await whole(redacted(partsOf(taken), ['hosts', 'addresses', 'users', 'commands'], Buffer.alloc(32)))
    for (const format of ['csv', 'html', 'markdown', 'svg', 'prometheus'] as const) {
      for await (const _ of exported(partsOf(hidden), format));
    }
  }
  return all.length
}

test(
  `${RUNS.toLocaleString('en')} damaged files are refused in words, or can be used`,
  async () => {
    const choose = numbers(SEED)
    let taken = 0
    for (let run = 0; run < RUNS; run++) {
      const bytes = mutated(choose)
      try {
        taken += await tryAll(bytes, 1 + choose(4096))
        Settings.safeParse(jsonOf(bytes))
      } catch (error) {
        throw new Error(`run ${run} of seed ${SEED}: ${bytes.toString('base64')}`, { cause: error })
      }
    }
    // Both ways are gone: it is no fuzzing where everything is refused.
    expect(taken).toBeGreaterThan(RUNS / 100)
    expect(taken).toBeLessThan(RUNS * 3)
  },
  Number.POSITIVE_INFINITY,
)

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}
