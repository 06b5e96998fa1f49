/** An application folder as installed: the unmodified built bundles, and a page that does nothing by itself. */
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')

export type ApplicationOptions = {
  /** Without it the engine cannot start. */
  readonly addon?: boolean
  /** `plain` leaves ports to the test; `product` is the built renderer; `none` was never built. */
  readonly page?: 'plain' | 'product' | 'none'
}

export type Application = { readonly main: string; readonly remove: () => void }

/** Creates one in a temporary folder. */
export function makeApplication({ addon = true, page = 'plain' }: ApplicationOptions = {}): Application {
  const folder = mkdtempSync(join(tmpdir(), 'desktop-application-'))
  chmodSync(folder, 0o755)
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  symlinkSync(join(ROOT, 'assets'), join(folder, 'assets'))
  if (addon) symlinkSync(join(ROOT, 'native'), join(folder, 'native'))
  for (const part of ['main', 'preload'])
    cpSync(join(ROOT, 'dist', part), join(folder, 'dist', part), { recursive: true })
  if (page === 'product') cpSync(join(ROOT, 'dist/renderer'), join(folder, 'dist/renderer'), { recursive: true })
  if (page === 'plain') {
    mkdirSync(join(folder, 'dist/renderer'))
    writeFileSync(join(folder, 'dist/renderer/index.html'), PLAIN_PAGE)
    writeFileSync(join(folder, 'dist/renderer/own.js'), 'globalThis.ownScript = true')
  }
  return { main: join(folder, 'dist/main/main.cjs'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Tries what the policy forbids and what it allows while it is parsed. */
const PLAIN_PAGE = `<!doctype html>
<html>
  <head>
    <meta property="csp-nonce" nonce="__CSP_NONCE__">
    <title>plain</title>
    <script>globalThis.inlineScript = true</script>
    <script nonce="__CSP_NONCE__">globalThis.inlineScriptWithNonce = true</script>
    <script src="own.js"></script>
    <style>body { outline: 1px solid red }</style>
    <style nonce="__CSP_NONCE__">body { margin: 7px }</style>
  </head>
  <body>plain</body>
</html>
`

/** Why the desktop tests cannot run here; null if they can. */
export function notBuilt(): string | null {
  const missing = ['dist/main/main.cjs', 'dist/preload/preload.cjs', 'native/build/Release/reuseport.node'].find(
    (path) => !existsSync(join(ROOT, path)),
  )
  return missing === undefined ? null : `${missing} is not built`
}
