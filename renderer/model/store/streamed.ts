/** What the page has of a stream of the engine whose rows are all there. */
import type { Problem } from '../../../electron/contract/errors.ts'

export type Streamed<Row> = {
  /** In the order in which the screen shows them. */
  readonly list: readonly Row[]
  /** True once all of them have arrived. */
  readonly complete: boolean
  /** Why they are unavailable; null while they are available. */
  readonly problem: Problem | null
}
