/**
 * Makes `cli.cjs`, which starts the program (electron/fronts/cli/loader.ts), and V8's code cache, which is what V8 has
 * compiled when common commands end. They run here, in the build: a function is in the cache only if it has run. They
 * read this machine and write nothing; where they fail, less is in the cache.
 */
import { execFile } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build, type Plugin } from 'vite'

const CACHE = 'code-cache'
/** A build does not wait longer for a command. */
const MAX_COMMAND_MS = 30_000
const recorder = join(import.meta.dirname, 'vite.code-cache-recorder.cjs')

export function codeCache(): Plugin {
  return {
    name: 'code-cache',
    async writeBundle({ dir = 'dist' }, bundle) {
      const program = Object.values(bundle).find((output) => output.type === 'chunk' && output.isEntry)
      if (program === undefined) throw new Error('the bundle has no entry')
      await buildLoader(dir, program.fileName)
      await recordCommands(dir)
    },
  }
}

async function buildLoader(dir: string, program: string): Promise<void> {
  await build({
    configFile: false,
    root: import.meta.dirname,
    logLevel: 'warn',
    publicDir: false,
    define: { PROGRAM: JSON.stringify(program), CODE_CACHE: JSON.stringify(CACHE) },
    build: {
      ssr: true,
      target: 'node20.19',
      outDir: dir,
      emptyOutDir: false,
      minify: true,
      rolldownOptions: {
        input: { cli: 'electron/fronts/cli/loader.ts' },
        output: { format: 'cjs', codeSplitting: false, entryFileNames: '[name].cjs', banner: '#!/usr/bin/env node' },
      },
    },
  })
  chmodSync(join(dir, 'cli.cjs'), 0o755)
}

/** Each run starts with the cache of those before, so the last one has it all. */
async function recordCommands(dir: string): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const port = String(typeof address === 'object' ? address?.port : address)
  const commands = [
    ['groups', '--all'],
    ['groups', '--all', '--json'],
    ['show', `127.0.0.1:${port}`],
    ['port', port],
  ]
  for (const command of commands) {
    const env = { ...process.env, NODE_OPTIONS: '', CODE_CACHE_FOLDER: dir }
    await promisify(execFile)(process.execPath, ['--require', recorder, join(dir, 'cli.cjs'), ...command], {
      env,
      timeout: MAX_COMMAND_MS,
      maxBuffer: Number.POSITIVE_INFINITY,
    }).catch(() => {})
  }
  server.close()
}
