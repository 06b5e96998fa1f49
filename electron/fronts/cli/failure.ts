/** Errors of commands: one sentence, and an exit status. */
import type { Problem } from '../../contract/errors.ts'

/** 0 success; 1 a problem was found, or the command failed; 2 usage error. */
export type ExitStatus = 0 | 1 | 2

/** A command cannot continue. The message is a sentence for the user. */
export class Failure extends Error {
  readonly status: ExitStatus

  constructor(message: string, status: ExitStatus = 1) {
    super(message)
    this.name = 'Failure'
    this.status = status
  }
}

/** The command line is wrong. */
export function badUsage(message: string): Failure {
  return new Failure(message, 2)
}

/** A problem as sentences: what failed, why, what to do. */
export function problemInWords(problem: Problem): string {
  const what = stop(`${problem.asked}: ${problem.happened}`)
  return problem.remedy === null ? what : `${what} ${stop(problem.remedy)}`
}

const TOO_FEW_FILES =
  'this process reached its open file limit (EMFILE). Raise it: `ulimit -n 1024`, or LimitNOFILE= in a systemd unit.'

/** Anything thrown, as a Failure: the engine's typed errors carry a Problem, others at least a message. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (error instanceof Error && 'data' in error && isProblem(error.data)) return new Failure(problemInWords(error.data))
  if (error instanceof Error && 'code' in error && error.code === 'EMFILE') return new Failure(TOO_FEW_FILES)
  if (error instanceof Error && error.message !== '') return new Failure(stop(error.message))
  return new Failure(stop(String(error)))
}

function isProblem(data: unknown): data is Problem {
  return (
    typeof data === 'object' &&
    data !== null &&
    'asked' in data &&
    typeof data.asked === 'string' &&
    'happened' in data &&
    typeof data.happened === 'string' &&
    'remedy' in data &&
    (typeof data.remedy === 'string' || data.remedy === null)
  )
}

function stop(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}
