/** The built terminal front as a user runs it. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { root } from './engine.ts'

export const program = `${root}dist/node/cli.cjs`
/** Without colors, in English. */
export const plain = { ...process.env, LANG: 'C.UTF-8', NO_COLOR: '1', FORCE_COLOR: undefined }

export type Ended = { status: number; out: string; messages: string }

const run = promisify(execFile)

/** Runs it to its end. */
export async function cli(...args: string[]): Promise<Ended> {
  try {
    const { stdout, stderr } = await run(process.execPath, [program, ...args], { env: plain, maxBuffer: 1 << 28 })
    return { status: 0, out: stdout, messages: stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { status: code, out: stdout, messages: stderr }
  }
}
