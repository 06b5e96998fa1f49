/** Runs the terminal front as its own process. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { root } from './engine.ts'

export type Finished = { readonly status: number | null; readonly out: string; readonly messages: string }
export type Running = {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly finished: Promise<Finished>
}

/** Starts `reuseport-inspector ARGS`; `before`: a command line that runs it. */
export function startTerminal(args: readonly string[], before: readonly string[] = []): Running {
  const [program = '', ...rest] = [...before, process.execPath, join(root, 'dist/node/cli.cjs'), ...args]
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let messages = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    messages += text
  })
  const finished = new Promise<Finished>((resolve) => {
    child.once('close', (status) => resolve({ status, out, messages }))
  })
  return { child, finished }
}

/** The same, until it exits. */
export function runTerminal(args: readonly string[], before: readonly string[] = []): Promise<Finished> {
  return startTerminal(args, before).finished
}
