/**
 * Every procedure of the contract with values from its own schema: valid ones, which the engine performs, nearly valid
 * ones, and hostile ones. Reproducible (FUZZ_RUNS for each procedure, FUZZ_SEED). Each is answered, or refused with a
 * typed error with a message; nothing is written outside the engine's folder.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ORPCError } from '@orpc/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { z } from 'zod'
import { contract } from '../../electron/contract/contract.ts'
import { errors, Problem } from '../../electron/contract/errors.ts'
import { Settings } from '../../electron/contract/settings.ts'
import { type Engine, startEngine } from '../../electron/engine/engine.ts'
import { fileSettings } from '../../electron/engine/settings/settings-file.ts'
import { type Procedure, procedures } from '../support/contract-procedures.ts'
import { type Choose, numbers, valueFor } from '../support/schema-values.ts'
import { eventually } from './support/conditions.ts'
import { addonPath } from './support/engine.ts'

const RUNS = Number(process.env.FUZZ_RUNS ?? 25)
const SEED = Number(process.env.FUZZ_SEED ?? 1)
/** The client disconnects after this time: a stream may have nothing new. */
const LEAVES_MS = 300

let folder: string
let engine: Engine
/** Of a lab that existed at the start. */
let target: object = {}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reuseport-contract-'))
  mkdirSync(join(folder, 'state', 'snapshots'), { recursive: true })
  mkdirSync(join(folder, 'config'))
  engine = startEngine({
    addonPath,
    settings: fileSettings(join(folder, 'config', 'settings.json')),
    snapshotFolder: join(folder, 'state', 'snapshots'),
  })
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Ids from answers, so that requests use existing objects. */
const known: string[] = []
function learn(answer: unknown): void {
  JSON.stringify(answer, (key, value: unknown) => {
    if (/^(id|download|upload)$/.test(key) && typeof value === 'string') known.push(value)
    return value
  })
}

/** Fields with which a valid request can be performed here: the others stay as generated. */
function doable(path: string): object {
  if (path === 'lab.listen') {
    const plain = {
      user: null,
      interface: null,
      v6only: null,
      steering: 'hash',
      acceptModel: 'reuseport',
      answer: 'echo',
    }
    return { ...plain, address: '127.0.0.1', port: 0, listeners: 2, processes: 1, reuseport: true }
  }
  if (path === 'lab.traffic') return { count: 100, exchange: 'echo' }
  if (path === 'lab.add') return { user: null }
  if (path === 'lab.member') return { member: 0 }
  if (path.startsWith('steering.')) {
    return {
      ...target,
      netns: undefined,
      interface: undefined,
      prefix: undefined,
      remote: { address: '127.0.0.9', port: 9 },
    }
  }
  return {}
}

const ID_FIELDS = new Set(['id', 'snapshot', 'of', 'before', 'after', 'download', 'upload'])
/** Limits for a valid lab request here, because it is performed. */
const LAB_BOUNDS: Readonly<Record<string, number>> = {
  listeners: 4,
  processes: 2,
  count: 500,
  flows: 64,
  threads: 2,
  seconds: 1,
  sources: 16,
  maxSeconds: 60,
}

function inputFor({ path, input }: Procedure, choose: Choose): unknown {
  const wildness = [0, 12, 3][choose(3)] ?? 0
  const value = input === null ? undefined : valueFor(input, choose, wildness)
  if (typeof value !== 'object' || value === null) return value
  const fields = value as Record<string, unknown>
  if (wildness === 0 && choose(3) > 0) Object.assign(fields, doable(path))
  for (const [key, field] of Object.entries(fields)) {
    if (ID_FIELDS.has(key) && choose(4) > 0) fields[key] = knownId((input as z.ZodObject).shape[key], choose) ?? field
    const bound = LAB_BOUNDS[key]
    if (path.startsWith('lab.') && bound !== undefined && typeof field === 'number' && field > bound) {
      if (choose(4) > 0 || (input?.safeParse(value).success ?? false)) fields[key] = 1 + choose(bound)
    }
  }
  if (path === 'lab.run' && input?.safeParse(value).success) fields.size = 'small'
  return fields
}

/** One of the newest values for the field. */
function knownId(schema: z.core.$ZodType | undefined, choose: Choose): string | undefined {
  if (schema === undefined) return undefined
  const fit = known.filter((id) => (schema as z.ZodType).safeParse(id).success).slice(-6)
  return fit[choose(Math.max(1, fit.length))]
}

const typed = new Set<string>(Object.keys(errors))

/** The outcome of one request; throws if it is not an allowed one. */
async function outcome({ call }: Procedure, input: unknown): Promise<string> {
  const asker = new AbortController()
  const leaves = setTimeout(() => asker.abort(), LEAVES_MS)
  try {
    learn(await call(input, { signal: asker.signal }))
    return 'answered'
  } catch (error) {
    if (asker.signal.aborted && !(error instanceof ORPCError)) return 'left'
    if (!(error instanceof ORPCError)) throw error
    if (error.code === 'BAD_REQUEST') return 'BAD_REQUEST'
    if (!typed.has(error.code)) throw error
    Problem.parse(error.data)
    return error.code
  } finally {
    clearTimeout(leaves)
  }
}

test(`${RUNS} requests of every procedure are answered, or refused with a message`, async () => {
  const choose = numbers(SEED)
  const lab = await engine.client.lab.listen({ protocol: 'tcp', address: '127.0.0.1', listeners: 2 })
  target = { protocol: 'tcp', local: { address: '127.0.0.1', port: lab.port } }
  learn(lab)
  const all = [...procedures(contract, engine.client)]
  const outcomes = new Map<string, Record<string, number>>()
  for (let run = 0; run < RUNS; run++) {
    for (const procedure of all) {
      // The first is of no procedure's type.
      const input = run === 0 && procedure.input !== null ? run : inputFor(procedure, choose)
      const counts = outcomes.get(procedure.path) ?? {}
      outcomes.set(procedure.path, counts)
      const what = await outcome(procedure, input).catch((error: unknown) => {
        const shown = String(JSON.stringify(input, bigAsText)).slice(0, 2000)
        throw new Error(`${procedure.path} run ${run} of seed ${SEED}: ${shown}`, { cause: error })
      })
      counts[what] = (counts[what] ?? 0) + 1
    }
  }
  // Each procedure was reached, and each one with an input refused an invalid one.
  const never = [...outcomes].filter(([, counts]) => Object.keys(counts).every((what) => what === 'BAD_REQUEST'))
  expect(Object.fromEntries(never)).toEqual({})
  for (const { path, input } of all)
    if (input !== null) expect(outcomes.get(path)?.BAD_REQUEST, path).toBeGreaterThan(0)

  expect(Object.prototype).not.toHaveProperty('polluted')
  expect(Settings.parse(await engine.client.settings.get())).toBeDefined()
  await engine.client.lab.stopRun()
  await engine.client.snapshots.stopRecording()
  expect((await engine.client.machine.about()).namespaces.length).toBeGreaterThan(0)
  // Nothing outside the engine's folders.
  expect(readdirSync(folder).sort()).toEqual(['config', 'state'])
  expect(readdirSync(join(folder, 'state'))).toEqual(['snapshots'])
  expect(readdirSync(join(folder, 'config'))).toEqual(['settings.json'])
  // One whose client left may still be removing what it wrote.
  const names = () => readdirSync(join(folder, 'state', 'snapshots'))
  await eventually('every file is complete', () => names().every((name) => /^[^./][^/\0]*$/.test(name)))
}, 600_000)

function bigAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
