/** Turns errors into problems for people: the operation, its cause, and a hint. */
import { isNativeError } from '../../native/index.ts'
import type { Problem } from '../contract/errors.ts'
import type { Namespace, Shortfall } from '../contract/model.ts'
import { ReadFailure } from './sock-diag.ts'

const REMEDIES: Readonly<Record<string, string>> = {
  EAFNOSUPPORT: 'This kernel or sandbox has no netlink sockets. Run the inspector outside it.',
  EMFILE: 'The inspector has no file descriptor left: raise its limit (ulimit -n).',
  ENFILE: 'The machine has no file descriptor left: raise fs.file-max.',
  ENOBUFS: 'The kernel had too little memory for the answer. Try again.',
  ENOMEM: 'The kernel had too little memory for the answer. Try again.',
}

/** The hint for this errno(3) code; null where none is known. */
function remedyOf(code: string): string | null {
  if (code !== 'EPERM' && code !== 'EACCES') return REMEDIES[code] ?? null
  return process.geteuid?.() === 0
    ? 'A sandbox or container forbids it, even to root. Run the inspector outside it.'
    : 'Run the inspector as root to see this.'
}

/** The machine could not be read as requested. Carries its problem. */
export class Unreadable extends Error {
  readonly code: 'NOT_FOUND' | 'SERVICE_UNAVAILABLE'
  readonly data: Problem

  constructor(code: Unreadable['code'], data: Problem, cause?: unknown) {
    super(`${data.asked}: ${data.happened}`, { cause })
    this.name = 'Unreadable'
    this.code = code
    this.data = data
  }
}

/** The problem of a shortfall, with the name of its namespace. */
export function problemOfShortfall(
  { netns, asked, happened, remedy }: Shortfall,
  namespaces: readonly Namespace[],
): Problem {
  const name = namespaces.find(({ inode }) => inode === netns)?.name ?? String(netns)
  return { asked: netns === null ? asked : `${asked} of network namespace ${name}`, happened, remedy }
}

/** The problem for an error from the addon, or for anything else that went wrong during the operation `asked`. */
export function problemOfError(asked: string, error: unknown): Problem {
  if (error instanceof Unreadable) return error.data
  if (error instanceof ReadFailure) return { asked, happened: error.message, remedy: error.remedy }
  if (isNativeError(error)) {
    return {
      asked,
      happened: `the kernel answered "${error.message}" (${error.code})`,
      remedy: remedyOf(error.code),
    }
  }
  return { asked, happened: error instanceof Error ? error.message : String(error), remedy: null }
}
