/** The steps of connecting, with their times, as they happen. */
import type { ConnectStep } from '../../contract/hosts.ts'
import type { StartStep } from '../carrier/start-far-engine.ts'

type Step = { -readonly [Key in keyof ConnectStep]: ConnectStep[Key] }

export class ConnectSteps {
  readonly #steps: Step[] = []
  readonly #now: () => number
  #began: number
  /** Where the engine there was put; null where it was installed, or is not known yet. */
  program: string | null = null

  /** The first step has begun. `now` in milliseconds, for tests. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#began = now()
    this.#begin('sign-in')
  }

  /** A copy, for readers. */
  get list(): ConnectStep[] {
    return this.#steps.map((step) => ({ ...step }))
  }

  /** Milliseconds of all steps that ended. */
  get totalMs(): number {
    return this.#steps.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0)
  }

  /** Takes what the carrier reports. */
  take(step: StartStep): void {
    switch (step.step) {
      case 'system':
        this.#begin('system')
        this.#last({ detail: step.system })
        break
      case 'send':
        if (this.#steps.at(-1)?.name !== 'send') this.#begin('send')
        this.#last({ sent: { bytes: step.bytes, of: step.of } })
        break
      case 'start':
        this.program = step.program
        if (this.#steps.at(-1)?.name !== 'start') this.#begin('start')
    }
  }

  /** The engine has greeted, and is asked for the first time. */
  reading(): void {
    this.#begin('read')
  }

  /** The last step has ended. */
  end(): void {
    const now = this.#now()
    const last = this.#steps.at(-1)
    if (last !== undefined && last.durationMs === null) last.durationMs = now - this.#began
    this.#began = now
  }

  #begin(name: ConnectStep['name']): void {
    this.end()
    this.#steps.push({ name, durationMs: null, detail: null, sent: null })
  }

  #last(change: Partial<Step>): void {
    Object.assign(this.#steps.at(-1) ?? {}, change)
  }
}
