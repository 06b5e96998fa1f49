/**
 * Bundles the program for the single executable (.ci/single.mjs): one file, because there is no folder to load chunks
 * from. What draws a PNG, and the thread that reads files, are carried beside it, and read when they are needed.
 */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { defineConfig } from 'vite'
import { fileWorker } from './vite.file-worker.ts'

const CARRIED = '\0carried:'

export default defineConfig({
  publicDir: false,
  build: {
    ssr: true,
    target: 'node24',
    outDir: 'out/single/bundle',
    license: { fileName: 'licenses.json' },
    emptyOutDir: true,
    minify: true,
    ssrEmitAssets: true,
    rolldownOptions: {
      input: { cli: 'electron/fronts/cli/main.ts' },
      treeshake: { moduleSideEffects: [{ test: /\/electron\//, sideEffects: false }] },
      output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
    },
  },
  ssr: { noExternal: true },
  plugins: [
    fileWorker(),
    {
      name: 'carried-files',
      enforce: 'pre',
      async resolveId(id, importer) {
        if (!/\.(wasm|ttf)\?inline$/.test(id)) return null
        const found = await this.resolve(id.replace('?inline', ''), importer, { skipSelf: true })
        return found && `${CARRIED}${found.id}`
      },
      load(id) {
        if (!id.startsWith(CARRIED)) return null
        const path = id.slice(CARRIED.length)
        const name = basename(path)
        this.emitFile({ type: 'asset', fileName: `carried/${name}`, source: readFileSync(path) })
        return `import { getRawAsset } from 'node:sea'
export default \`data:;base64,\${Buffer.from(getRawAsset('${name}')).toString('base64')}\``
      },
    },
  ],
})
