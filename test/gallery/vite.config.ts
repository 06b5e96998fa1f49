/** The gallery: its own page, never part of a package. `npm run gallery` serves it with hot reload. */
import { resolve } from 'node:path'
import { defineConfig } from 'vite'
import { sources } from '../../vite.renderer.config.ts'

const dist = resolve(import.meta.dirname, '../../dist')

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  cacheDir: resolve(dist, '.gallery'),
  ...sources,
  server: { host: '127.0.0.1' },
  build: { outDir: resolve(dist, 'gallery'), emptyOutDir: true, chunkSizeWarningLimit: Number.POSITIVE_INFINITY },
})
