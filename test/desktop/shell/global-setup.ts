/** Builds what is stale, bundles the shell, since not every Node runs TypeScript, and starts Chromium: once per run. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import type { TestProject } from 'vitest/node'
import { bundles, setUp } from '../../../electron/launch/setup.mjs'
import { chromiumMissing, shareChromium } from '../../support/chromium.ts'
import { buildRefusal } from '../../support/external-memory/build.ts'

const ROOT = resolve(import.meta.dirname, '../../..')

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the shell's bundle. */
    shell: string
    /** Where the shells find their Chromium; null where there is none. */
    chromium: string | null
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
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
  // Each start of one takes as long as a test.
  const shared = chromiumMissing() === null ? await shareChromium() : null
  project.provide('chromium', shared?.endpoint ?? null)
  return async () => {
    await shared?.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
