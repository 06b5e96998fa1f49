/** Electron's main process and the process that the engine runs in. Plain `vite build` makes what Forge makes. */
import { builtinModules } from 'node:module'
import { defineConfig } from 'vite'
import { bundleOf } from './vite.bundle.ts'
import { fileWorker } from './vite.file-worker.ts'

export default defineConfig((environment) => ({
  // What draws a PNG is taken into the chunk that draws it: nothing has to be found when it runs.
  assetsInclude: ['**/*.wasm'],
  plugins: [fileWorker()],
  resolve: { conditions: ['node'], mainFields: ['module', 'main'] },
  build: {
    ...bundleOf('main', environment),
    copyPublicDir: false,
    minify: false,
    target: 'node20',
    lib: {
      entry: { main: 'electron/main/main.ts', 'engine-process': 'electron/main/engine-process.ts' },
      formats: ['cjs'],
      fileName: (_format, name) => `${name}.cjs`,
    },
    rolldownOptions: {
      external: ['electron', ...builtinModules, /^node:/],
      platform: 'node',
      output: { chunkFileNames: '[name].cjs' },
    },
  },
}))
