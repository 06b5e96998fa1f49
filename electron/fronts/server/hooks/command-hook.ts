/** A hook that runs a command. */
import { spawn } from 'node:child_process'
import { hookDocument, hookEnvironment } from './hook-event.ts'
import type { Hook } from './hook-queue.ts'

/**
 * Runs `command` by /bin/sh, always the same text: the event is in the environment and, as JSON, on standard input, so
 * that the name of a process is never a part of a command. Its output goes to standard error.
 */
export function commandHook(command: string): Hook {
  return {
    name: `The command ${JSON.stringify(command)}`,
    kind: 'command',
    call(event, signal) {
      return new Promise((resolve, reject) => {
        const child = spawn('/bin/sh', ['-c', command], {
          env: { ...process.env, ...hookEnvironment(event) },
          stdio: ['pipe', process.stderr, process.stderr],
          // A group of its own: what it started ends with it.
          detached: true,
        })
        const end = () => endGroup(child.pid)
        signal.addEventListener('abort', end, { once: true })
        if (signal.aborted) end()
        child.once('error', (error) => {
          signal.removeEventListener('abort', end)
          reject(error)
        })
        child.once('exit', (code, by) => {
          signal.removeEventListener('abort', end)
          if (code === 0) resolve()
          else reject(new Error(by === null ? `it ended with status ${code}` : `it was ended by ${by}`))
        })
        // It need not read its input.
        child.stdin.on('error', () => undefined)
        child.stdin.end(`${JSON.stringify(hookDocument(event))}\n`)
      })
    },
  }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}
