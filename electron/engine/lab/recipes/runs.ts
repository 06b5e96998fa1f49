/** The recipe that is running, or ran last: one at a time, since they would share the CPUs that they measure. */
import type { Recipe, RecipeName, RecipeRun, RecipeSize, Trial } from '../../../contract/lab.ts'
import { Refusal } from '../refusal.ts'
import { refusalOf } from '../refusals.ts'
import type { Ending, RecipeScript } from './recipe.ts'
import { scripts } from './scripts.ts'
import { Stage, type StageParts } from './stage.ts'

export class RecipeRuns {
  /** Called when one starts. */
  onStart: () => void = () => {}
  readonly #parts: StageParts
  #current: RecipeRun | null = null
  #running: { stop: AbortController; ended: Promise<void> } | null = null

  constructor(parts: StageParts) {
    this.#parts = parts
  }

  get current(): RecipeRun | null {
    return this.#current
  }

  get running(): boolean {
    return this.#running !== null
  }

  recipes(): Recipe[] {
    return scripts.map(({ name, title, subtitle, does, missing }) => ({
      name,
      title,
      subtitle,
      does,
      missing: missing(this.#parts.machine),
    }))
  }

  /** Starts one. Throws Refusal while another is running. */
  start(name: RecipeName, size: RecipeSize): RecipeRun {
    const asked = `running recipe ${name}`
    if (this.#running !== null) {
      throw new Refusal(
        'UNPROCESSABLE_CONTENT',
        asked,
        `recipe ${this.#current?.recipe} is running`,
        'Stop it, or wait until it ends.',
      )
    }
    const script = scripts.find((candidate) => candidate.name === name)
    if (script === undefined) throw new Refusal('NOT_FOUND', asked, 'no recipe has this name', null)
    const run: RecipeRun = {
      recipe: name,
      size,
      startedAt: new Date().toISOString(),
      endedAt: null,
      step: 'Opening the listeners',
      progress: 0,
      ways: [],
      trials: [],
      verdict: null,
      explanation: [...script.explanation],
    }
    this.#current = run
    const stop = new AbortController()
    const ended = this.#play(script, size, stop.signal).finally(() => {
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

  async #play(script: RecipeScript, size: RecipeSize, signal: AbortSignal): Promise<void> {
    const update = (change: Partial<RecipeRun>) => {
      if (this.#current !== null) this.#current = { ...this.#current, ...change }
    }
    const stage = new Stage(this.#parts, size, signal, update)
    const end = (verdict: RecipeRun['verdict'], step: string, progress: number) =>
      update({ verdict, step, progress, endedAt: new Date().toISOString() })
    try {
      const ending = await script.play(stage)
      end({ outcome: outcomeOf(stage.trials), ...ending }, 'Done', 1)
    } catch (error) {
      end({ outcome: 'stopped', ...stoppedBy(error, signal) }, 'Stopped', this.#current?.progress ?? 0)
    }
  }
}

/** Fails with one check that fails; holds only where every claim could be checked. */
export function outcomeOf(trials: readonly Trial[]): 'holds' | 'fails' | 'partly' {
  if (trials.some(({ holds }) => holds === false)) return 'fails'
  return trials.length > 0 && trials.every(({ holds }) => holds === true) ? 'holds' : 'partly'
}

function stoppedBy(thrown: unknown, signal: AbortSignal): Ending {
  const detail = 'Everything that it had opened is closed.'
  if (signal.aborted) return { sentence: 'Stopped before the end.', detail }
  const error = refusalOf('running the recipe', thrown)
  if (error instanceof Refusal) {
    const { asked, happened, remedy } = error.problem
    return { sentence: wentWrong(`${asked}: ${happened}`), detail: remedy ?? detail }
  }
  return { sentence: wentWrong(error instanceof Error ? error.message : String(error)), detail }
}

function wentWrong(how: string): string {
  return `It could not continue: ${how.replace(/\.$/, '')}.`
}
