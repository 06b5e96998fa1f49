/** Turns errors into problems for people: the operation, its cause, and a hint. */
import { isNativeError } from '../../../native/index.ts'
import type { Problem } from '../../contract/errors.ts'
import type { Namespace, Shortfall } from '../../contract/model.ts'
import { EngineError } from '../common/errors.ts'
import { ReadFailure } from './sock-diag.ts'

const HINTS: Readonly<Record<string, string>> = {
  EAFNOSUPPORT: 'This kernel or sandbox has no netlink sockets. Run the inspector outside it.',
  EMFILE: 'The inspector has no file descriptor left: raise its limit (ulimit -n).',
  ENFILE: 'The machine has no file descriptor left: raise fs.file-max.',
  ENOBUFS: 'The kernel had too little memory for the answer. Try again.',
  ENOMEM: 'The kernel had too little memory for the answer. Try again.',
}

/** The hint for this errno(3) code; null where none is known. */
function hintOf(code: string): string | null {
  if (code !== 'EPERM' && code !== 'EACCES') return HINTS[code] ?? null
  return process.geteuid?.() === 0
    ? 'A sandbox or container forbids it, even to root. Run the inspector outside it.'
    : 'Run the inspector as root to see this.'
}

/** The machine could not be read as requested. */
export class ReadError extends EngineError {
  override name = 'ReadError'
}

/** The problem of a shortfall, with the name of its namespace. */
export function problemOfShortfall(
  { netns, operation, cause, hint }: Shortfall,
  namespaces: readonly Namespace[],
): Problem {
  const name = namespaces.find(({ inode }) => inode === netns)?.name ?? String(netns)
  return { operation: netns === null ? operation : `${operation} of network namespace ${name}`, cause, hint }
}

/** The problem for an error from the addon, or for anything else that went wrong during `operation`. */
export function problemOfError(operation: string, error: unknown): Problem {
  if (error instanceof EngineError) return error.problem
  if (error instanceof ReadFailure) return { operation, cause: error.message, hint: error.hint }
  if (isNativeError(error)) {
    return {
      operation,
      cause: `the kernel answered "${error.message}" (${error.code})`,
      hint: hintOf(error.code),
    }
  }
  return { operation, cause: error instanceof Error ? error.message : String(error), hint: null }
}
