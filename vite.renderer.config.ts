/** The page, for every host: the window and the browser serve the same files. */
import { basename, resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig, type UserConfig } from 'vite'
import { bundleOf } from './vite.bundle.ts'

/** What the page's sources need, wherever they are built. */
export const sources = {
  plugins: [react()],
  // Names that tests and the inspector of a browser can read: .lanes_bar is .bar in lanes.module.css.
  css: { modules: { generateScopedName: (name, path) => `${basename(path, '.module.css')}_${name}` } },
} satisfies UserConfig

export default defineConfig((environment) => ({
  root: resolve(import.meta.dirname, 'renderer'),
  base: './',
  ...sources,
  // A host writes a fresh nonce here with each response (electron/host/page.ts).
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    ...bundleOf('renderer', environment),
    target: ['chrome123', 'firefox128', 'safari17.5'],
    // The policy lets nothing in that is not a file of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
}))
