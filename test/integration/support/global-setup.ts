/** Builds what is stale, and bundles the programs that tests start, once per run: plain Node runs them, in any namespace and as any user. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import type { TestProject } from 'vitest/node'
import { bundles, setUp } from '../../../electron/launch/setup.mjs'
import { buildRefusal } from '../../support/external-memory/build.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const support = 'test/integration/support'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the bundled programs, from the root. */
    programs: string
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  setUp({ bundles: Object.keys(bundles) as (keyof typeof bundles)[] })
  buildRefusal()
  mkdirSync(join(root, 'dist/test'), { recursive: true })
  // Another part of the tests may run at the same time.
  const folder = mkdtempSync(join(root, 'dist/test/integration-'))
  chmodSync(folder, 0o755)
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    assetsInclude: ['**/*.wasm'],
    // With their packages: to load them one by one takes longer than all else at the start. netlink looks for its addon.
    ssr: { noExternal: true, external: ['netlink'] },
    build: {
      ssr: true,
      outDir: folder,
      target: 'node20',
      minify: false,
      rolldownOptions: {
        input: { 'engine-child': `${support}/engine-child.ts`, 'netlink-dump': `${support}/netlink-dump.ts` },
        output: { entryFileNames: '[name].js' },
      },
    },
  })
  project.provide('programs', relative(root, folder))
  return () => rmSync(folder, { recursive: true, force: true })
}
