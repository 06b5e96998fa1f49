/**
 * Documents from outside, damaged in every way that comes to mind: a few thousand in `npm test`, always the same ones,
 * and as many as there is time for with `npm run fuzz:files` (FUZZ_RUNS, FUZZ_SEED). A run is one document through the
 * reader that is its own: a snapshot, a recording, settings, what a lab's program answers, a request of a page. Whatever
 * is refused is refused in words; whatever is taken can be used by everything that uses files.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import type { AnySchema } from '@orpc/contract'
import { expect, test } from 'vitest'
import type { z } from 'zod'
import { contract } from '../../../electron/contract/contract.ts'
import { Settings } from '../../../electron/contract/settings.ts'
import { LabConnection, ProgramError } from '../../../electron/engine/lab/lab-connection.ts'
import { AddAnswer, LatenciesAnswer, Status } from '../../../electron/engine/lab/status.ts'
import { compare } from '../../../electron/engine/snapshots/compare.ts'
import { exported } from '../../../electron/engine/snapshots/exports/formats.ts'
import { FileError } from '../../../electron/engine/snapshots/file-error.ts'
import { OpenedRecording } from '../../../electron/engine/snapshots/opened-recording.ts'
import { collectParts, partsOf } from '../../../electron/engine/snapshots/parts.ts'
import { snapshotOf } from '../../../electron/engine/snapshots/read.ts'
import { difference } from '../../../electron/engine/snapshots/recording.ts'
import { redacted } from '../../../electron/engine/snapshots/redact.ts'
import { aGroup, aMember, aSnapshot } from '../../doubles/snapshots.ts'
import { type Choose, numbers, valueFor } from '../../support/schema-values.ts'

const RUNS = Number(process.env.FUZZ_RUNS ?? 5000)
const SEED = Number(process.env.FUZZ_SEED ?? 1)
/** Of the documents that are taken, so many are compared, redacted and exported: that takes ten times as long as reading. */
const USED = 16

const before = aSnapshot({ groups: [aGroup({ members: [aMember({ cookie: '1' })] })] })
const after = aSnapshot({
  groups: [aGroup({ members: [aMember({ cookie: '1', drops: 7 }), aMember({ cookie: '3', holders: null })] })],
})
const head = { schema: 'reuseport-inspector/recording/1', startedAt: before.takenAt, intervalMs: 1000 }
const recording = [head, before, difference(before, after), difference(after, before)].map((line) =>
  JSON.stringify(line),
)

/** What a value may be replaced by, and names that mean something to JavaScript. */
const VALUES = [
  'null',
  '1',
  '-1',
  '-0',
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
  '"\\u0000"',
  '"\\u202e\\u001b[2J"',
  '{"__proto__":{"a":1}}',
]
const TOKEN = /"[^"]*"|-?\d+|null|true|false/g

type Seed = { readonly text: string; readonly tokens: readonly { readonly at: number; readonly length: number }[] }
const seedOf = (text: string): Seed => ({
  text,
  tokens: [...text.matchAll(TOKEN)].map((token) => ({ at: token.index, length: token[0].length })),
})

/** One to four changes: a value for another, a byte, a piece cut out, doubled, or taken from another document. */
function mutated(seed: Seed, others: readonly Seed[], choose: Choose): string {
  let { text } = seed
  let tokens: Seed['tokens'] | null = seed.tokens
  for (let changes = 1 + choose(4); changes > 0; changes--) {
    const at = choose(text.length + 1)
    const end = Math.min(text.length, at + 1 + choose(40))
    const other = others[choose(others.length)]?.text ?? ''
    const from = choose(other.length)
    // Most changes are of values: the rest mostly ends at the JSON.
    switch (choose(10)) {
      case 0:
        text = text.slice(0, at) + String.fromCharCode(choose(256)) + text.slice(at + 1)
        break
      case 1:
        text = text.slice(0, at) + text.slice(end)
        break
      case 2:
        text = text.slice(0, end) + text.slice(at)
        break
      case 3:
        text = text.slice(0, at) + other.slice(from, from + choose(200)) + text.slice(at)
        break
      case 4:
        text = text.slice(0, at)
        break
      default: {
        const token = tokens === null ? tokenBehind(text, at) : tokens[choose(tokens.length)]
        if (token === undefined) break
        text = text.slice(0, token.at) + VALUES[choose(VALUES.length)] + text.slice(token.at + token.length)
      }
    }
    tokens = null
  }
  return text
}

function tokenBehind(text: string, at: number): Seed['tokens'][number] | undefined {
  TOKEN.lastIndex = at
  const token = TOKEN.exec(text)
  return token === null ? undefined : { at: token.index, length: token[0].length }
}

function asBytes(text: string, choose: Choose): Buffer {
  const bytes = Buffer.from(text, choose(4) === 0 ? 'latin1' : 'utf8')
  if (choose(32) > 0) return bytes
  const packed = gzipSync(bytes, { level: 1 })
  if (choose(2) === 0) packed[choose(packed.length)] = choose(256)
  return packed.subarray(0, packed.length - (choose(2) === 0 ? choose(packed.length) : 0))
}

async function* chunks(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size)
}

/** What `work` gives, or null where it refuses in words. Anything else that is thrown is a finding. */
async function asText<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    if (error.problem.cause.length >= 1000) throw new Error('too many words', { cause: error })
    return null
  }
}

type Taken = Awaited<ReturnType<typeof snapshotOf>>
async function use(taken: Taken): Promise<void> {
  compare(taken, before)
  compare(before, taken)
  const hidden = await collectParts(
    redacted(partsOf(taken), ['hosts', 'addresses', 'users', 'commands'], Buffer.alloc(32)),
  )
  for (const format of ['csv', 'html', 'markdown', 'svg', 'prometheus'] as const) {
    for await (const _ of exported(partsOf(hidden), format));
  }
}

/** A kind of document: how one is made, and its reader, which gives whether it was taken. */
type Kind = {
  readonly make: (choose: Choose) => Buffer
  readonly read: (bytes: Buffer, choose: Choose) => Promise<boolean>
}

function ofSeeds(texts: readonly string[], read: Kind['read']): Kind {
  const seeds = texts.map(seedOf)
  return {
    make: (choose) => asBytes(mutated(seeds[choose(seeds.length)] ?? seedOf(''), seeds, choose), choose),
    read,
  }
}

const snapshots = ofSeeds([JSON.stringify(before), JSON.stringify(before, null, 1)], async (bytes, choose) => {
  const taken = await asText(snapshotOf('x', chunks(bytes, choose(4) === 0 ? 1 + choose(4096) : bytes.byteLength)))
  if (taken !== null && choose(USED) === 0) await use(taken)
  return taken !== null
})

const recordings = ofSeeds([recording.join('\n'), `${recording.join('\n')}\n{}`], async (bytes, choose) => {
  const opened = await asText(
    OpenedRecording.read('x', chunks(bytes, choose(4) === 0 ? 1 + choose(4096) : bytes.byteLength)),
  )
  if (opened === null) return false
  const snapshots = [opened.snapshot(opened.length - 1), opened.snapshot(0)]
  if (choose(USED) === 0) for (const snapshot of snapshots) await use(snapshot)
  return true
})

const settings = ofSeeds(
  [
    JSON.stringify(Settings.parse({})),
    JSON.stringify(
      Settings.parse({ columnWidths: { port: 8 }, hiddenColumns: ['user'], mutedFindings: ['0123 queue'] }),
    ),
  ],
  async (bytes) => Settings.safeParse(jsonOf(bytes.toString())).success,
)

/** What a lab's program answers, or who plays one, through the conversation that the engine has with it. */
const labSchemas: readonly z.ZodType[] = [Status, AddAnswer, LatenciesAnswer]
const labAnswers: Kind = {
  make(choose) {
    const schema = labSchemas[choose(labSchemas.length)] ?? Status
    const text = JSON.stringify(valueFor(schema, choose, choose(2) === 0 ? 0 : 40), bigAsText) ?? ''
    return Buffer.from(choose(2) === 0 ? `${text}\n` : `${mutated(seedOf(text), [seedOf(text)], choose)}\n`)
  },
  async read(bytes, choose) {
    const input = new Readable({ read() {} })
    const dialogue = new LabConnection(input, new Writable({ write: (_chunk, _encoding, done) => done() }))
    const answer = dialogue.ask('status')
    for await (const chunk of chunks(bytes, choose(4) === 0 ? 1 + choose(64) : bytes.byteLength)) input.push(chunk)
    input.push(null)
    const told = await answer.catch((error: unknown) => {
      if (error instanceof ProgramError || (error as Error).name === 'ProgramEnded') return undefined
      if ((error as Error).message === 'the lab answered with invalid JSON') return undefined
      throw error
    })
    await dialogue.ended
    return labSchemas.map((schema) => schema.safeParse(told).success).includes(true)
  },
}

/** Every request of the contract. */
function* inputsOf(part: object): Generator<z.ZodType> {
  const definition = (part as { '~orpc'?: { inputSchema?: AnySchema } })['~orpc']
  if (definition !== undefined) {
    if (definition.inputSchema !== undefined) yield definition.inputSchema as unknown as z.ZodType
  } else for (const inner of Object.values(part)) yield* inputsOf(inner)
}
const inputs = [...inputsOf(contract)]
const requests: Kind = {
  make(choose) {
    const at = choose(inputs.length)
    const schema = inputs[at] as z.ZodType
    const text = JSON.stringify(valueFor(schema, choose, choose(3) === 0 ? 0 : 8), bigAsText) ?? 'null'
    return Buffer.from(`${at} ${choose(2) === 0 ? text : mutated(seedOf(text), [seedOf(text)], choose)}`)
  },
  async read(bytes) {
    const [at = '', ...rest] = bytes.toString().split(' ')
    return inputs[Number(at)]?.safeParse(jsonOf(rest.join(' '))).success ?? false
  },
}

/** In the order of how much there is to read wrongly. */
const KINDS: Readonly<Record<string, { readonly kind: Kind; readonly share: number }>> = {
  snapshot: { kind: snapshots, share: 2 },
  recording: { kind: recordings, share: 1 },
  settings: { kind: settings, share: 1 },
  'lab answer': { kind: labAnswers, share: 2 },
  request: { kind: requests, share: 2 },
}
const turns = Object.entries(KINDS).flatMap(([name, { kind, share }]) =>
  Array.from({ length: share }, () => ({ name, kind })),
)

test(
  `${RUNS.toLocaleString('en')} damaged documents are refused in words, or can be used`,
  async () => {
    const choose = numbers(SEED)
    // Most documents are refused with an error, whose stack would take as long as finding it. A finding can be had again.
    Error.stackTraceLimit = 0
    const counts = new Map<string, { runs: number; taken: number }>()
    const start = performance.now()
    for (let run = 0; run < RUNS; run++) {
      const { name, kind } = turns[choose(turns.length)] as (typeof turns)[number]
      const bytes = kind.make(choose)
      const count = counts.get(name) ?? { runs: 0, taken: 0 }
      counts.set(name, count)
      try {
        count.runs++
        if (await kind.read(bytes, choose)) count.taken++
      } catch (error) {
        throw new Error(`run ${run} of seed ${SEED}, a ${name}: ${bytes.toString('base64')}`, { cause: error })
      }
      // Long runs are looked at meanwhile, and promises alone let no timer have its turn.
      if (run % 1000 === 999) await new Promise(setImmediate)
      if (run % 100_000 === 99_999) console.log(`${run + 1} runs, ${((performance.now() - start) / 1000).toFixed()} s`)
    }
    expect(Object.prototype).not.toHaveProperty('polluted')
    // Both ways are gone, in each kind: it is no fuzzing where everything is refused.
    for (const [name, { runs, taken }] of counts) {
      expect.soft(taken, name).toBeGreaterThan(runs / 100)
      expect.soft(taken, name).toBeLessThan(runs)
    }
    if (RUNS >= 100_000) console.log(JSON.stringify(Object.fromEntries(counts)))
  },
  Number.POSITIVE_INFINITY,
)

/** Documents that were found to be read wrongly: their kind begins the name, with _ for a space. */
const corpus = join(import.meta.dirname, 'corpus')
test.each(readdirSync(corpus))('%s is refused in words, or can be used', async (file) => {
  const name = file.replace(/-.*/, '').replace('_', ' ')
  const kind = KINDS[name]?.kind
  expect(kind, name).toBeDefined()
  await kind?.read(readFileSync(join(corpus, file)), () => 0)
})

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function bigAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
