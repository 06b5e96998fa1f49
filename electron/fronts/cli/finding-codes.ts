/** Checks the types of findings that a command line names. */
import { usageError } from './failure.ts'

/** Throws a usage error: a misspelled type would select nothing, and look like a healthy machine. */
export async function rejectUnknownCodes(codes: readonly string[]): Promise<void> {
  if (codes.length === 0) return
  const { FINDING_CODES, isFindingCode } = await import('../../contract/finding-types.ts')
  const unknown = codes.find((code) => !isFindingCode(code))
  if (unknown !== undefined)
    throw usageError(`'${unknown}' is not a type of findings. The types are: ${FINDING_CODES.join(', ')}.`)
}
