/** Errors of commands: one sentence, and an exit status. */
import type { Problem } from '../../contract/errors.ts'
import { EngineError } from '../../engine/index.ts'
import { Unreachable } from '../../host/wire/unreachable.ts'
import { ExitStatus } from './exit-status.ts'

/** A command cannot continue. The message is a sentence for the user. */
export class Failure extends Error {
  readonly status: ExitStatus

  constructor(message: string, status: ExitStatus = ExitStatus.Failed) {
    super(message)
    this.name = 'Failure'
    this.status = status
  }
}

/** The command line is wrong. */
export function usageError(message: string): Failure {
  return new Failure(message, ExitStatus.Usage)
}

/** A problem as sentences: what failed, why, what to do. */
export function formatProblem(problem: Problem): string {
  const what = withFullStop(`${problem.operation}: ${problem.cause}`)
  return problem.hint === null ? what : `${what} ${withFullStop(problem.hint)}`
}

const TOO_FEW_FILES =
  'this process reached its open file limit (EMFILE). Raise it: `ulimit -n 1024`, or LimitNOFILE= in a systemd unit.'

/** Anything thrown, as a Failure: the engine's errors carry a Problem, others at least a message. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (error instanceof EngineError) return new Failure(formatProblem(error.problem))
  if (error instanceof Unreachable) return new Failure(formatProblem(error.problem), ExitStatus.Unreachable)
  if (error instanceof Error && 'data' in error && isProblem(error.data)) return new Failure(formatProblem(error.data))
  if (error instanceof Error && 'code' in error && error.code === 'EMFILE') return new Failure(TOO_FEW_FILES)
  if (error instanceof Error && error.message !== '') return new Failure(withFullStop(error.message))
  return new Failure(withFullStop(String(error)))
}

/** A typed error of the contract has its problem in `data`. */
function isProblem(data: unknown): data is Problem {
  return (
    typeof data === 'object' &&
    data !== null &&
    'operation' in data &&
    typeof data.operation === 'string' &&
    'cause' in data &&
    typeof data.cause === 'string' &&
    'hint' in data &&
    (typeof data.hint === 'string' || data.hint === null)
  )
}

function withFullStop(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}
