/** The page and its files, served by both hosts: `app://` in the window, HTTP in the browser. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { contentSecurityPolicy, PAGE_HEADERS } from './policy.ts'

export type PageHost = 'electron' | 'browser'

/** The built page in memory: a few files, read once, so that request paths never reach the disk. */
export type Page = { readonly html: string; readonly files: ReadonlyMap<string, PageFile> }
export type PageFile = { readonly type: string; readonly body: Buffer<ArrayBuffer> }

export type PageResponse = {
  readonly status: 200 | 404 | 405
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer<ArrayBuffer>
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/** Reads the built page in `folder` (`dist/renderer`). Throws with instructions if it was not built. */
export function readPage(folder: string): Page {
  const files = new Map<string, PageFile>()
  for (const path of filesBelow(folder)) {
    const type = TYPES[extname(path)]
    if (type !== undefined) files.set(`/${relative(folder, path)}`, { type, body: readFileSync(path) })
  }
  const index = files.get('/index.html')
  if (index === undefined) {
    throw new Error(`There is no index.html in ${folder}, where the page should be. Build it: npm run build.`)
  }
  files.delete('/index.html')
  return { html: index.body.toString('utf8'), files }
}

/** A host's response for the page's origin. Only exact paths of built files exist, so no path can escape. */
export function respond(page: Page, method: string, path: string, host: PageHost): PageResponse {
  if (method !== 'GET' && method !== 'HEAD')
    return plain(405, 'Only GET and HEAD are supported.', { allow: 'GET, HEAD' })
  if (path === '/' || path === '/index.html') return document(page, host)
  const file = page.files.get(path)
  if (file === undefined) return plain(404, 'No such file.')
  return { status: 200, headers: { ...PAGE_HEADERS, 'content-type': file.type }, body: file.body }
}

function document(page: Page, host: PageHost): PageResponse {
  const nonce = randomBytes(16).toString('base64')
  return {
    status: 200,
    headers: {
      ...PAGE_HEADERS,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy(nonce),
    },
    body: page.html
      .replaceAll('__CSP_NONCE__', nonce)
      .replace(/<head>/i, `<head>\n    <meta name="reuseport-host" content="${host}">`),
  }
}

function plain(status: 404 | 405, body: string, headers: Record<string, string> = {}): PageResponse {
  return { status, headers: { ...PAGE_HEADERS, ...headers, 'content-type': 'text/plain; charset=utf-8' }, body }
}

function* filesBelow(folder: string): Generator<string> {
  let entries: import('node:fs').Dirent[]
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch {
    return
  }
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (entry.isFile()) yield path
  }
}
