/** Calls one hook, event by event: never two at once, not too often, and without holding up the engine. */
import { setTimeout as pause } from 'node:timers/promises'
import { linkedAbort } from '../../../contract/linked-abort.ts'
import type { HookEvent } from './hook-event.ts'

/** A hook: rejects with an Error that says what failed. It ends at once where `signal` is aborted. */
export type Hook = {
  /** For messages, without secrets. */
  readonly name: string
  readonly kind: 'webhook' | 'command'
  call(event: HookEvent, signal: AbortSignal): Promise<void>
}

/** Calls since the start. `omitted`: events for which there was none, because there were too many. */
export type HookCounts = { ok: number; failed: number; omitted: number }

export type HookLimits = {
  /** Milliseconds that one event may take. */
  readonly callMs: number
  /** Events that wait. Beyond, new ones are omitted. */
  readonly waiting: number
  /** Events in a row, and milliseconds until one more is possible. */
  readonly burst: number
  readonly refillMs: number
}

export const HOOK_LIMITS: HookLimits = { callMs: 30_000, waiting: 100, burst: 20, refillMs: 3000 }

export class HookQueue {
  readonly counts: HookCounts = { ok: 0, failed: 0, omitted: 0 }
  readonly kind: Hook['kind']
  readonly #hook: Hook
  readonly #limits: HookLimits
  readonly #warn: (message: string) => void
  readonly #closing = new AbortController()
  #waiting: HookEvent[] = []
  #running: Promise<void> | null = null
  #tokens: number
  #refilledAt = performance.now()
  /** Whether the last event was omitted, or its call failed: what goes on is reported once. */
  #omitting = false
  #failing = false

  constructor(hook: Hook, warn: (message: string) => void, limits: HookLimits = HOOK_LIMITS) {
    this.#hook = hook
    this.kind = hook.kind
    this.#warn = warn
    this.#limits = limits
    this.#tokens = limits.burst
  }

  add(event: HookEvent): void {
    if (this.#closing.signal.aborted) return
    if (this.#waiting.length >= this.#limits.waiting) {
      this.counts.omitted++
      if (!this.#omitting) this.#warn(`${this.#hook.name} is too slow for so many findings: some are not passed to it.`)
      this.#omitting = true
      return
    }
    this.#omitting = false
    this.#waiting.push(event)
    this.#running ??= this.#run()
  }

  /** Ends the running call, and starts no other. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#waiting = []
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
      await this.#turn()
      if (!signal.aborted) await this.#call(event)
    }
    // In the same turn in which nothing was waiting: what is added later starts it again.
    this.#running = null
  }

  /** Waits until the rate allows another call. */
  async #turn(): Promise<void> {
    const { burst, refillMs } = this.#limits
    const now = performance.now()
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#refilledAt) / refillMs)
    this.#refilledAt = now
    this.#tokens--
    if (this.#tokens >= 0) return
    const { signal } = this.#closing
    await pause(-this.#tokens * refillMs, undefined, { signal, ref: false }).catch(() => undefined)
  }

  async #call(event: HookEvent): Promise<void> {
    const limit = linkedAbort([this.#closing.signal], this.#limits.callMs)
    try {
      await this.#hook.call(event, limit.signal)
      this.counts.ok++
      this.#failing = false
    } catch (error) {
      if (this.#closing.signal.aborted) return
      this.counts.failed++
      const cause = limit.signal.aborted ? `no end after ${this.#limits.callMs / 1000} s` : messageOf(error)
      if (!this.#failing) {
        this.#warn(
          `${this.#hook.name} failed for the finding ${event.finding}: ${cause}. Further failures are only counted, until it works again.`,
        )
      }
      this.#failing = true
    } finally {
      limit.release()
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
