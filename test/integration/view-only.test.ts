/** An engine that only reads: it answers every procedure that reads the machine, and has neither lab nor files. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ORPCError } from '@orpc/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { z } from 'zod'
import { contract } from '../../electron/contract/contract.ts'
import { Settings } from '../../electron/contract/settings.ts'
import { type Engine, startEngine } from '../../electron/engine/engine.ts'
import { memorySettings } from '../../electron/engine/settings/settings-store.ts'
import { type Procedure, procedures } from '../support/contract-procedures.ts'
import { type Choose, numbers, valueFor } from '../support/schema-values.ts'
import { addonPath } from './support/engine.ts'

let folder: string
let engine: Engine
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rpi-test-'))
  const settings = memorySettings(Settings.parse({}))
  engine = startEngine({ addonPath, settings, snapshotFolder: folder, viewOnly: true })
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

/** An id of a lab, and of a stored snapshot. */
const IDS = ['0123abcd', '20260101-000000-000.json.gz']

/** A value that the schema accepts. */
function validFor(input: z.ZodType, choose: Choose): object {
  const shape = (input as z.ZodObject).shape as Record<string, z.ZodType>
  for (let tries = 0; tries < 2000; tries++) {
    const value = valueFor(input, choose, 0)
    if (typeof value !== 'object' || value === null) continue
    for (const key of ['id', 'of', 'before', 'after']) {
      const fit = IDS.find((id) => shape[key]?.safeParse(id).success)
      if (fit !== undefined) Object.assign(value, { [key]: fit })
    }
    if (input.safeParse(value).success) return value
  }
  throw new Error('no valid value found')
}

/** What it answers a valid request; a stream without news is left. */
async function outcome({ call, input }: Procedure, changed: object = {}): Promise<string> {
  const choose = numbers(1)
  const left = new AbortController()
  const timer = setTimeout(() => left.abort(), 300)
  try {
    await call(input === null ? undefined : { ...validFor(input, choose), ...changed }, { signal: left.signal })
    return 'answered'
  } catch (error) {
    if (error instanceof ORPCError) return error.code
    if (left.signal.aborted) return 'left'
    throw error
  } finally {
    clearTimeout(timer)
  }
}

test('the lab and stored files refuse, and whatever else there is works', async () => {
  const refused: string[] = []
  for (const procedure of procedures(contract, engine.client)) {
    const result = await outcome(procedure, { snapshot: undefined })
    expect(result, procedure.path).not.toBe('BAD_REQUEST')
    if (result === 'FORBIDDEN') refused.push(procedure.path)
  }
  const without = (part: 'lab' | 'snapshots') => Object.keys(contract[part]).map((name) => `${part}.${name}`)
  expect(refused.sort()).toEqual([...without('lab'), ...without('snapshots')].sort())
  expect(readdirSync(folder)).toEqual([])
})

test('a stream of a stored snapshot is refused too, with why', async () => {
  const streams = [...procedures(contract, engine.client)].filter(({ path }) =>
    ['groups.changes', 'group.changes', 'findings.changes'].includes(path),
  )
  for (const stream of streams)
    expect(await outcome(stream, { snapshot: '20260101-000000-000.json.gz' }), stream.path).toBe('FORBIDDEN')
  await expect(engine.client.lab.recipes()).rejects.toMatchObject({
    defined: true,
    data: { operation: 'using the lab', cause: "an engine with root's permissions only reads" },
  })
})
