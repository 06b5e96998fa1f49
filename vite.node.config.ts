/**
 * Bundles what runs in plain Node: one file a program, with chunks for what a command may not need. CommonJS, because
 * Node 20 takes some 30 ms longer to load the same as modules, a third of what `groups` takes.
 */
import { chmodSync } from 'node:fs'
import { defineConfig } from 'vite'
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
      input: { cli: 'electron/fronts/cli/main.ts' },
      // No module of ours does anything when it is imported, so a door (index.ts) brings only what is used of it.
      treeshake: { moduleSideEffects: [{ test: /\/electron\//, sideEffects: false }] },
      output: {
        format: 'cjs',
        entryFileNames: '[name].cjs',
        chunkFileNames: 'chunks/[name]-[hash].cjs',
        banner: (chunk) => (chunk.isEntry ? '#!/usr/bin/env node' : ''),
      },
    },
  },
  // Everything into the bundle, so that a start reads few files.
  ssr: { noExternal: true },
  plugins: [
    fileWorker(),
    {
      name: 'executable',
      writeBundle(options, bundle) {
        for (const output of Object.values(bundle)) {
          if (output.type === 'chunk' && output.isEntry) chmodSync(`${options.dir}/${output.fileName}`, 0o755)
        }
      },
    },
  ],
})
