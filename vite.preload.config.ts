/** The preload: a sandboxed one is a single CommonJS file. Plain `vite build` makes what Forge makes. */
import { defineConfig } from 'vite'
import { bundleOf } from './vite.bundle.ts'

export default defineConfig((environment) => ({
  build: {
    ...bundleOf('preload', environment),
    copyPublicDir: false,
    minify: false,
    target: 'chrome140',
    rolldownOptions: {
      input: 'electron/preload/preload.ts',
      external: ['electron'],
      output: { format: 'cjs', codeSplitting: false, entryFileNames: '[name].cjs' },
    },
  },
}))
