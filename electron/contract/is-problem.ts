/** Whether a message carries a problem. Like `Problem.safeParse`, without loading zod: the page starts without it. */
import type { Problem } from './errors.ts'

export function isProblem(data: unknown): data is Problem {
  if (typeof data !== 'object' || data === null) return false
  const { operation, cause, hint, field }: Partial<Record<keyof Problem, unknown>> = data
  return (
    typeof operation === 'string' &&
    typeof cause === 'string' &&
    (hint === null || typeof hint === 'string') &&
    (field === undefined || typeof field === 'string')
  )
}
