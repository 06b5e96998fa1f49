/** What the bundles of the desktop have in common. */
import { resolve } from 'node:path'
import type { BuildOptions, ConfigEnv } from 'vite'

/** Where a bundle goes, with the licenses of what is in it. Forge insists on .vite; both have the same layout inside. */
export function bundleOf(name: 'main' | 'preload' | 'renderer', environment: ConfigEnv) {
  return {
    outDir: resolve(import.meta.dirname, 'forgeConfig' in environment ? '.vite' : 'dist', name),
    license: { fileName: 'licenses.json' },
    emptyOutDir: true,
  } satisfies BuildOptions
}
