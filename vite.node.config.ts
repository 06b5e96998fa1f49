/**
 * Bundles what runs in plain Node: the program with chunks for what a command may not need, and `cli.cjs`, which loads
 * them (vite.code-cache.ts). CommonJS, because Node 20 takes some 30 ms longer to load the same as modules.
 */
import { defineConfig } from 'vite'
import { codeCache } from './vite.code-cache.ts'
import { fileWorker } from './vite.file-worker.ts'

export default defineConfig({
  publicDir: false,
  // What draws a PNG is taken into the chunk that draws it: nothing has to be found when it runs.
  assetsInclude: ['**/*.wasm'],
  build: {
    ssr: true,
    target: 'node20.19',
    outDir: 'dist/node',
    license: { fileName: 'licenses.json' },
    emptyOutDir: true,
    minify: true,
    rolldownOptions: {
      input: { program: 'electron/fronts/cli/main.ts' },
      // No module of ours does anything when it is imported, so a door (index.ts) brings only what is used of it.
      treeshake: { moduleSideEffects: [{ test: /\/electron\//, sideEffects: false }] },
      output: {
        format: 'cjs',
        // Named by its content: the cache of another build cannot be taken for its own.
        entryFileNames: 'chunks/[name]-[hash].cjs',
        chunkFileNames: 'chunks/[name]-[hash].cjs',
      },
    },
  },
  // Everything into the bundle, so that a start reads few files.
  ssr: { noExternal: true },
  plugins: [fileWorker(), codeCache()],
})
