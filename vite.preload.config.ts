/** The preload: a sandboxed one is a single CommonJS file. Plain `vite build` makes what Forge makes. */
import { defineConfig } from 'vite'

export default defineConfig((environment) => ({
  build: {
    // Forge insists on .vite; both have the same layout inside.
    outDir: 'forgeConfig' in environment ? '.vite/preload' : 'dist/preload',
    license: { fileName: 'licenses.json' },
    emptyOutDir: true,
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
