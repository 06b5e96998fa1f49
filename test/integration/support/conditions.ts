/** Waiting for conditions, and what a test requires of the machine. */
import { readFileSync } from 'node:fs'
import type { TestContext } from 'vitest'
import { CONDITION_MS } from '../../support/timeouts.ts'

/**
 * Retries until `condition` returns something other than null, undefined or false, and returns that. Fails with `what`
 * after CONDITION_MS, which is for broken programs: no test passes or fails by its speed.
 */
export async function eventually<T>(what: string, condition: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = performance.now() + CONDITION_MS
  for (;;) {
    const value = await condition()
    if (value !== null && value !== undefined && value !== false) return value
    if (performance.now() > deadline) throw new Error(`Timed out waiting until ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export const isRoot = process.getuid?.() === 0

/** Skips the test, with the reason, unless it runs as root: namespaces and other users' sockets need that. */
export function needsRoot(context: TestContext): void {
  if (!isRoot) context.skip('needs root: it makes network namespaces or drops to another user')
}

/** How far Yama restricts tracing one's own processes (Documentation/admin-guide/LSM/Yama.rst); 0 if it does not. */
export function yamaScope(): number {
  try {
    return Number(readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8'))
  } catch {
    return 0
  }
}
