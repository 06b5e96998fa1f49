/** What the lab refuses or cannot do: the operation, its cause, and a hint. */
import type { Problem } from '../../contract/errors.ts'

/** The typed errors of the contract that a refusal can become. */
export type RefusalCode =
  | 'NOT_FOUND'
  | 'FORBIDDEN'
  | 'UNPROCESSABLE_CONTENT'
  | 'NOT_IMPLEMENTED'
  | 'SERVICE_UNAVAILABLE'

export class Refusal extends Error {
  readonly code: RefusalCode
  readonly problem: Problem

  constructor(code: RefusalCode, asked: string, happened: string, remedy: string | null, field?: string) {
    super(`${asked}: ${happened}`)
    this.name = 'Refusal'
    this.code = code
    this.problem = { asked, happened, remedy, ...(field === undefined ? {} : { field }) }
  }
}
