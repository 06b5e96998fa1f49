/** Turns what the kernel answered into words: what was asked, what happened, what to do. */
import { isNativeError } from '../../native/index.ts'
import type { Problem } from '../contract/errors.ts'
import type { Namespace, Shortfall } from '../contract/model.ts'
import { ReadFailure } from './sock-diag.ts'

const REMEDIES: Readonly<Record<string, string>> = {
  EAFNOSUPPORT: 'This kernel or sandbox has no netlink sockets. Run the inspector outside of it.',
  EMFILE: 'The inspector has no descriptor left: raise its limit (ulimit -n).',
  ENFILE: 'The machine has no descriptor left: raise fs.file-max.',
  ENOBUFS: 'The kernel had no memory for the answer. Try again.',
  ENOMEM: 'The kernel had no memory for the answer. Try again.',
}

/** What helps against this code of errno(3); null where nothing is known to. */
function remedyOf(code: string): string | null {
  if (code !== 'EPERM' && code !== 'EACCES') return REMEDIES[code] ?? null
  return process.geteuid?.() === 0
    ? 'A sandbox or container forbids it, even to root. Run the inspector outside of it.'
    : 'Run the inspector as root to see this.'
}

/** The machine cannot be read as it was asked: told in words already. */
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

/** What is lacking, with the name of its namespace. */
export function problemOfShortfall(
  { netns, asked, happened, remedy }: Shortfall,
  namespaces: readonly Namespace[],
): Problem {
  const name = namespaces.find(({ inode }) => inode === netns)?.name ?? String(netns)
  return { asked: netns === null ? asked : `${asked} of network namespace ${name}`, happened, remedy }
}

/** The words for an error from the addon, or from anything else that went wrong while `asked` was asked. */
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
