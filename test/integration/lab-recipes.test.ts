/** Every recipe at its small size on the real kernel: complete, with its verdict, and nothing left behind. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, type TestContext, test } from 'vitest'
import { LAB_COMMAND } from '../../electron/contract/constants.ts'
import { RecipeName, RecipeRun } from '../../electron/contract/lab.ts'
import { needsBpf } from './support/bpf-reader.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { type Client, startChildEngine, startTestEngine } from './support/engine.ts'

/** Follows the stream until the recipe has ended. */
async function played(client: Client, recipe: RecipeName): Promise<RecipeRun> {
  await client.lab.run({ recipe, size: 'small' })
  for (let after: string | undefined; ; ) {
    const change = await client.lab.changes({ after })
    after = change.cursor
    if (change.run !== null && change.run.endedAt !== null) return RecipeRun.parse(change.run)
  }
}

/** What a recipe needs that loads programs, reads groups and samples clients. */
function needsEveryBpf(context: TestContext): void {
  needsRoot(context)
  needsBpf(context, 'groups')
  needsBpf(context, 'flows')
}

/** Lab processes whose parent is this process. */
function labProcesses(): number[] {
  return readdirSync('/proc').flatMap((entry) => {
    try {
      const stat = readFileSync(`/proc/${Number(entry)}/stat`, 'latin1')
      return stat.includes(`(${LAB_COMMAND})`) && stat.split(') ')[1]?.split(' ')[1] === String(process.pid)
        ? [Number(entry)]
        : []
    } catch {
      return []
    }
  })
}

test.for(RecipeName.options)('%s holds on this kernel', async (name, context) => {
  if (name === 'no-hijacking') needsRoot(context)
  if (name === 'program-steers') needsEveryBpf(context)
  await using engine = await startTestEngine()
  const run = await played(engine.client, name)
  const unmet = run.checks.filter(({ holds }) => holds !== true)
  expect({ unmet, verdict: run.verdict }).toMatchObject({ unmet: [], verdict: { outcome: 'holds' } })
  expect(run.checks.length).toBeGreaterThan(0)
  expect(run.checks.every(({ threshold }) => threshold.length > 20)).toBe(true)
  expect(run.explanation.length).toBeGreaterThan(0)
  // All variants have the same rows, so that they can be compared side by side.
  for (const way of run.variants) expect(way.counts.length).toBeGreaterThan(0)
  expect(labProcesses()).toEqual([])
})

test('one runs at a time, and a stopped one leaves nothing behind', async () => {
  await using engine = await startTestEngine()
  const { lab } = engine.client
  await lab.run({ recipe: 'slow-worker', size: 'small' })
  await expect(lab.run({ recipe: 'steering', size: 'small' })).rejects.toMatchObject({
    code: 'UNPROCESSABLE_CONTENT',
    data: { cause: 'recipe slow-worker is running' },
  })
  await eventually('its listeners are open', () => labProcesses().length > 0)
  await lab.stopRun()
  const { run, labs } = await lab.changes({})
  expect(run).toMatchObject({ verdict: { outcome: 'stopped' }, endedAt: expect.any(String) })
  expect(labs).toEqual([])
  expect(labProcesses()).toEqual([])
})

test('the end of the engine ends a recipe', async () => {
  const engine = await startTestEngine()
  await engine.client.lab.run({ recipe: 'slow-worker', size: 'small' })
  await eventually('its listeners are open', () => labProcesses().length > 0)
  await engine.close()
  expect(labProcesses()).toEqual([])
})

test.for(['no-hijacking', 'program-steers'])(
  'without root, %s says what is missing, and the possible checks pass',
  async (name, context) => {
    needsRoot(context)
    await using engine = await startChildEngine({ uid: 65534 })
    const recipes = (await engine.ask('lab.recipes')) as { name: string; limitation: string | null }[]
    expect(recipes.map(({ name }) => name).sort()).toEqual([...RecipeName.options].sort())
    expect(recipes.find((recipe) => recipe.name === name)?.limitation).toContain(
      `sudo reuseport-inspector lab run ${name}`,
    )
    await engine.ask('lab.run', { recipe: name, size: 'small' })
    const run = await eventually('it has ended', async () => {
      const change = (await engine.ask('lab.changes', {})) as { run: RecipeRun }
      return change.run.endedAt === null ? null : change.run
    })
    expect(run.verdict?.outcome).toBe('partial')
    const untried = run.checks.filter(({ holds }) => holds === null)
    expect(untried.length).toBeGreaterThan(0)
    for (const { observed } of untried) expect(observed).toMatch(/root|CAP_BPF/)
    expect(run.checks.filter(({ holds }) => holds === false)).toEqual([])
  },
)
