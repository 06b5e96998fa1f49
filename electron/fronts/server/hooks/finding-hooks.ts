/** The hooks of `serve --on-finding`: which events are passed to them. */

import { mutedAt } from '../../../contract/default-settings.ts'
import type { LoggedEvent } from '../../../contract/events.ts'
import type { Severity } from '../../../contract/model.ts'
import type { Settings } from '../../../contract/settings.ts'
import { SEVERITIES } from '../../../contract/values.ts'
import { commandHook } from './command-hook.ts'
import type { HookEvent } from './hook-event.ts'
import type { Hook, HookQueue } from './hook-queue.ts'
import { webhook } from './webhook.ts'

/** Findings that are raised at once; more are not remembered. */
const MAX_TOLD = 10_000

/** An http:// or https:// address, or else a command. Throws, with what to do, for a wrong address. */
export function hookOf(target: string): Hook {
  return /^https?:\/\//i.test(target) ? webhook(target) : commandHook(target)
}

export class FindingHooks {
  readonly queues: readonly HookQueue[]
  readonly #least: number
  readonly #settings: () => Promise<Pick<Settings, 'mutedFindings' | 'mutedUntil'>>
  /** The findings that were passed on as raised. */
  readonly #told = new Set<string>()
  #turn: Promise<void> = Promise.resolve()

  /** `severity`: the lowest that is passed on. */
  constructor(
    queues: readonly HookQueue[],
    severity: Severity,
    settings: () => Promise<Pick<Settings, 'mutedFindings' | 'mutedUntil'>>,
  ) {
    this.queues = queues
    this.#least = SEVERITIES.indexOf(severity)
    this.#settings = settings
  }

  /** Takes every event; passes on findings that are raised, unless they are muted, and those that clear. */
  readonly take = (event: LoggedEvent): void => {
    if (!isOfFinding(event)) return
    this.#turn = this.#turn.then(() => this.#pass(event)).catch(() => undefined)
  }

  async close(): Promise<void> {
    await Promise.all(this.queues.map((queue) => queue.close()))
  }

  async #pass(event: HookEvent): Promise<void> {
    // What was passed on when it was raised is passed on when it clears, even if it is muted by then.
    const told = event.kind === 'cleared' && this.#told.delete(event.finding)
    if (!told && (SEVERITIES.indexOf(event.severity) < this.#least || (await this.#isMuted(event)))) return
    if (event.kind === 'raised' && this.#told.size < MAX_TOLD) this.#told.add(event.finding)
    for (const queue of this.queues) queue.add(event)
  }

  async #isMuted({ finding, at }: HookEvent): Promise<boolean> {
    const muted = mutedAt(await this.#settings(), Date.parse(at))
    return muted.includes(finding) || muted.some((name) => name === finding.split(':', 1)[0])
  }
}

function isOfFinding(event: LoggedEvent): event is HookEvent {
  return (event.kind === 'raised' || event.kind === 'cleared') && event.finding !== null && event.severity !== null
}
