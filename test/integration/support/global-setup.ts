/** Bundles what tests start as a program of its own, once a run. */
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('../../..', import.meta.url))

export default async function setup(): Promise<void> {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    build: {
      ssr: 'test/integration/support/engine-child.ts',
      outDir: 'dist/test',
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'engine-child.js' } },
    },
  })
}
