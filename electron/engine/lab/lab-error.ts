/** What the lab refuses or cannot do. */
import type { ErrorCode } from '../../contract/errors.ts'
import { EngineError } from '../common/errors.ts'

export class LabError extends EngineError {
  override name = 'LabError'

  /** `field`: the part of the request concerned. */
  constructor(code: ErrorCode, operation: string, cause: string, hint: string | null, field?: string) {
    super(code, { operation, cause, hint, ...(field === undefined ? {} : { field }) })
  }
}
