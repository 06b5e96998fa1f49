/** What goes wrong, in one sentence, with the exit status that says whose fault it was. */
import type { Problem } from '../../contract/errors.ts'

/** 0 done, 1 something was found to be wrong or failed, 2 bad usage. */
export type ExitStatus = 0 | 1 | 2

/** A command cannot go on. The message is a sentence for the person at the terminal. */
export class Failure extends Error {
  readonly status: ExitStatus

  constructor(message: string, status: ExitStatus = 1) {
    super(message)
    this.name = 'Failure'
    this.status = status
  }
}

/** The command line means nothing that can be done. */
export function badUsage(message: string): Failure {
  return new Failure(message, 2)
}

/** A problem as sentences: what was asked, what happened, what to do. */
export function problemInWords(problem: Problem): string {
  const what = stop(`${problem.asked}: ${problem.happened}`)
  return problem.remedy === null ? what : `${what} ${stop(problem.remedy)}`
}

const TOO_FEW_FILES =
  'this process reached its limit of open files (EMFILE). Raise it: `ulimit -n 1024`, or LimitNOFILE= of a systemd unit.'

/** Whatever was thrown, as a failure: the engine's typed errors carry a Problem, others at least a message. */
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
