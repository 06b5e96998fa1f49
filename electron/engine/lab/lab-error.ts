/** What the lab refuses or cannot do: the operation, its cause, and a hint. */
import type { Problem } from '../../contract/errors.ts'

/** The typed errors of the contract that a refusal can become. */
export type LabErrorCode =
  | 'NOT_FOUND'
  | 'FORBIDDEN'
  | 'UNPROCESSABLE_CONTENT'
  | 'NOT_IMPLEMENTED'
  | 'SERVICE_UNAVAILABLE'

export class LabError extends Error {
  readonly code: LabErrorCode
  readonly problem: Problem

  constructor(code: LabErrorCode, operation: string, cause: string, hint: string | null, field?: string) {
    super(`${operation}: ${cause}`)
    this.name = 'LabError'
    this.code = code
    this.problem = { operation, cause, hint, ...(field === undefined ? {} : { field }) }
  }
}
