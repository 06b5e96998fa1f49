/** The recipe that is running, or ran last: one at a time, since they would share the CPUs that they measure. */
import type { Check, Recipe, RecipeName, RecipeRun, RecipeSize } from '../../../contract/lab.ts'
import { LabError } from '../lab-error.ts'
import { toLabError } from '../lab-error-texts.ts'
import type { RecipeOutcome, RecipeScript } from './recipe.ts'
import { RecipeContext, type RecipeContextOptions } from './recipe-context.ts'
import { scripts } from './scripts.ts'

export class RecipeRuns {
  /** Called when one starts. */
  onStart: () => void = () => {}
  readonly #parts: RecipeContextOptions
  #current: RecipeRun | null = null
  #running: { stop: AbortController; ended: Promise<void> } | null = null

  constructor(parts: RecipeContextOptions) {
    this.#parts = parts
  }

  get current(): RecipeRun | null {
    return this.#current
  }

  get running(): boolean {
    return this.#running !== null
  }

  recipes(): Recipe[] {
    return scripts.map(({ name, title, subtitle, effect, limitation }) => ({
      name,
      title,
      subtitle,
      effect,
      limitation: limitation(this.#parts.machine),
    }))
  }

  /** Starts one. Throws LabError while another is running. */
  start(name: RecipeName, size: RecipeSize): RecipeRun {
    const operation = `running recipe ${name}`
    if (this.#running !== null) {
      throw new LabError(
        'UNPROCESSABLE_CONTENT',
        operation,
        `recipe ${this.#current?.recipe} is running`,
        'Stop it, or wait until it ends.',
      )
    }
    const script = scripts.find((candidate) => candidate.name === name)
    if (script === undefined) throw new LabError('NOT_FOUND', operation, 'no recipe has this name', null)
    const run: RecipeRun = {
      recipe: name,
      size,
      startedAt: new Date().toISOString(),
      endedAt: null,
      step: 'Opening the listeners',
      progress: 0,
      variants: [],
      running: null,
      checks: [],
      verdict: null,
      explanation: [...script.explanation],
    }
    this.#current = run
    const stop = new AbortController()
    const ended = this.#run(script, size, stop.signal).finally(() => {
      this.#running = null
    })
    this.#running = { stop, ended }
    this.onStart()
    return run
  }

  /** Stops the one that is running; resolves when nothing of it is left. */
  async stop(): Promise<void> {
    this.#running?.stop.abort()
    await this.#running?.ended
  }

  async #run(script: RecipeScript, size: RecipeSize, signal: AbortSignal): Promise<void> {
    const update = (change: Partial<RecipeRun>) => {
      if (this.#current !== null) this.#current = { ...this.#current, ...change }
    }
    const stage = new RecipeContext(this.#parts, size, signal, update)
    const end = (verdict: RecipeRun['verdict'], step: string, progress: number) =>
      update({ verdict, step, progress, running: null, endedAt: new Date().toISOString() })
    try {
      const ending = await script.run(stage)
      end({ outcome: outcomeOf(stage.checks), ...ending }, 'Done', 1)
    } catch (error) {
      end({ outcome: 'stopped', ...stoppedBy(error, signal) }, 'Stopped', this.#current?.progress ?? 0)
    }
  }
}

/** Fails with one check that fails; holds only where every claim could be checked. */
export function outcomeOf(trials: readonly Check[]): 'holds' | 'fails' | 'partial' {
  if (trials.some(({ holds }) => holds === false)) return 'fails'
  return trials.length > 0 && trials.every(({ holds }) => holds === true) ? 'holds' : 'partial'
}

function stoppedBy(thrown: unknown, signal: AbortSignal): RecipeOutcome {
  const detail = 'Everything that it had opened is closed.'
  if (signal.aborted) return { summary: 'Stopped before the end.', detail }
  const error = toLabError('running the recipe', thrown)
  if (error instanceof LabError) {
    const { operation, cause, hint } = error.problem
    return { summary: wentWrong(`${operation}: ${cause}`), detail: hint ?? detail }
  }
  return { summary: wentWrong(error instanceof Error ? error.message : String(error)), detail }
}

function wentWrong(how: string): string {
  return `It could not continue: ${how.replace(/\.$/, '')}.`
}
