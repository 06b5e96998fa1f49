/** Builds what is stale, and bundles the shell once per run, since not every Node runs TypeScript. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import type { TestProject } from 'vitest/node'
import { bundles, setUp } from '../../../electron/launch/setup.mjs'
import { buildRefusal } from '../../support/external-memory/build.ts'

const ROOT = resolve(import.meta.dirname, '../../..')

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the shell's bundle. */
    shell: string
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  setUp({ bundles: Object.keys(bundles) as (keyof typeof bundles)[] })
  buildRefusal()
  mkdirSync(join(ROOT, 'dist/test'), { recursive: true })
  // Another part of the tests may run at the same time.
  const folder = mkdtempSync(join(ROOT, 'dist/test/shell-'))
  chmodSync(folder, 0o755)
  await build({
    configFile: false,
    logLevel: 'error',
    root: ROOT,
    publicDir: false,
    build: {
      ssr: true,
      outDir: folder,
      target: 'node20',
      minify: false,
      rolldownOptions: {
        input: {
          run: 'test/desktop/shell/run.ts',
          'parent-port': 'test/desktop/shell/parent-port.ts',
        },
        output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name].cjs' },
      },
    },
  })
  project.provide('shell', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}
