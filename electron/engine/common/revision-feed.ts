/** The stream of a log whose changes have revisions: a reader's cursor is the last revision that it received. */
import type { SamplerStatus } from '../../contract/live.ts'

type Parts<Page> = {
  readonly log: {
    readonly revision: number
    /** Revisions before this one are forgotten, if any are. */
    readonly clearedFrom?: number
  }
  readonly sampler: {
    current(): Promise<unknown>
    next(signal: AbortSignal | undefined): Promise<void>
    readonly state: SamplerStatus
  }
  readonly epoch: string
  /** What changed after revision `since`, up to and with `last`. `reset`: for a reader that has nothing. */
  readonly page: (since: number, reset: boolean) => { readonly last: number; readonly changed: Page }
}

export class RevisionFeed<Page extends object> {
  readonly #parts: Parts<Page>

  constructor(parts: Parts<Page>) {
    this.#parts = parts
  }

  /** Answers once something is newer than `after`, or after a while with only the state of the sampler. */
  async changes(after: string | undefined, signal: AbortSignal | undefined) {
    const { log, sampler, epoch, page } = this.#parts
    await sampler.current()
    const cursor = this.#read(after)
    if (cursor !== null && cursor >= log.revision) {
      await sampler.next(signal)
      await sampler.current()
    }
    const resume = this.#read(after)
    const reset = resume === null
    const { last, changed } = page(resume ?? 0, reset)
    return { cursor: `${epoch}.${last}`, reset, more: last < log.revision, ...changed, sampler: sampler.state }
  }

  /**
   * null if the reader must start over: it has no cursor, one of another engine, or one older than what is remembered.
   */
  #read(after: string | undefined): number | null {
    const { log, epoch } = this.#parts
    const match = /^([0-9a-f]+)\.(\d+)$/.exec(after ?? '')
    if (match?.[1] !== epoch) return null
    const revision = Number(match[2])
    return revision > log.revision || revision + 1 < (log.clearedFrom ?? 0) ? null : revision
  }
}
