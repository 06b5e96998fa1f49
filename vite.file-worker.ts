/**
 * Builds the thread that reads files (electron/engine/snapshots/file-worker.ts) beside a program that starts it: one file
 * that stands alone, because a thread is started from its text.
 */
import { build, type Plugin } from 'vite'

export function fileWorker(): Plugin {
  return {
    name: 'file-worker',
    async writeBundle({ dir }) {
      await build({
        configFile: false,
        root: import.meta.dirname,
        logLevel: 'warn',
        publicDir: false,
        ssr: { noExternal: true },
        build: {
          ssr: true,
          target: 'node20.19',
          outDir: dir ?? 'dist',
          emptyOutDir: false,
          minify: true,
          rolldownOptions: {
            input: { 'file-worker': 'electron/engine/snapshots/file-worker.ts' },
            output: { format: 'cjs', codeSplitting: false, entryFileNames: '[name].cjs' },
          },
        },
      })
    },
  }
}
