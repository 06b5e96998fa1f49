/** Real servers from Debian, in the test's own namespace, with a configuration in a temporary directory. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'vitest'
import { eventually } from './conditions.ts'
import type { TestNamespace } from './namespace.ts'
import { readSs } from './ss.ts'

export type Program = AsyncDisposable & {
  readonly pid: number
  readonly directory: string
  signal(signal: NodeJS.Signals): void
  /** Rewrites its configuration. */
  configure(text: string): void
}

/** Skips the test, with the reason, where the program is not installed. */
export function needsProgram(context: TestContext, name: string): void {
  const { status } = spawnSync('sh', ['-c', `command -v ${name}`], {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  })
  if (status !== 0) context.skip(`needs ${name} (.ci/run installs it)`)
}

/**
 * Starts `name` with the arguments that `args` returns for its directory, and waits until it holds `sockets` sockets.
 * It ends with the test's process.
 */
export async function startProgram(options: {
  name: string
  netns: TestNamespace
  configuration: (directory: string) => string
  args: (directory: string, file: string) => string[]
  sockets: number
}): Promise<Program> {
  const directory = mkdtempSync(join(tmpdir(), 'rpi-test-'))
  const file = join(directory, 'conf')
  writeFileSync(file, options.configuration(directory))
  const child = spawn(
    'nsenter',
    [`--net=${options.netns.path}`, 'setpriv', '--pdeathsig=TERM', options.name, ...options.args(directory, file)],
    {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    },
  )
  let words = ''
  let ended = false
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      words += text
    })
  const gone = new Promise<void>((resolve) =>
    child.once('close', () => {
      ended = true
      resolve()
    }),
  )
  const program: Program = {
    pid: child.pid ?? 0,
    directory,
    signal: (signal) => void child.kill(signal),
    configure: (text) => writeFileSync(file, text),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await gone
      rmSync(directory, { recursive: true, force: true })
    },
  }
  try {
    await eventually(`${options.name} holds ${options.sockets} sockets`, async () => {
      if (ended) throw new Error(`${options.name} ended: ${words}`)
      return (await readSs(options.netns.name)).length === options.sockets
    })
  } catch (error) {
    await program[Symbol.asyncDispose]()
    throw error
  }
  return program
}
