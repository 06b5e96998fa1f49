/** Blocks what our pages never need: navigation, new windows, permissions, foreign downloads, the network. */
import { join } from 'node:path'
import type { Session, Shell, WebContents } from 'electron'
import { isPageUrl, SCHEME } from './origin.ts'

/** Blocks for one page every way to leave it or to open another. Links to `https:` open in the user's browser. */
export function guardPage(contents: WebContents, shell: Pick<Shell, 'openExternal'>): void {
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || !isPageUrl(event.url)) event.preventDefault()
  })
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    openHttps(url, shell)
    return { action: 'deny' }
  })
}

/** Opens `url` in the user's browser if it is plain https; returns whether it was. */
export function openHttps(url: string, shell: Pick<Shell, 'openExternal'>): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, username, password, href } = new URL(url)
  if (protocol !== 'https:' || username + password !== '') return false
  void shell.openExternal(href)
  return true
}

/**
 * The only permissions that a page has: writing text to the clipboard when the user presses "Copy" (it cannot read the
 * clipboard), and showing notifications, which it does where the user wants them.
 */
const PERMITTED: ReadonlySet<string> = new Set(['clipboard-sanitized-write', 'notifications'])

/**
 * Blocks for the whole session. Files made by the page itself can be saved, in `downloads` unless the user chooses
 * another folder.
 */
export function guardSession(session: Session, downloads: string): void {
  session.setPermissionRequestHandler((_contents, permission, answer, { isMainFrame, requestingUrl }) =>
    answer(PERMITTED.has(permission) && isMainFrame && isPageUrl(requestingUrl)),
  )
  session.setPermissionCheckHandler((_contents, permission) => PERMITTED.has(permission))
  session.setDevicePermissionHandler(() => false)
  // The page's CSP says the same; this also covers a page without one.
  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !isLocal(url) }))
  session.on('will-download', (event, item) => {
    if (!isOwnBlob(item.getURL())) return event.preventDefault()
    // Without a title the dialog shows the blob URL.
    const name = item.getFilename()
    item.setSaveDialogOptions({ title: `Save ${name}`, defaultPath: join(downloads, name) })
  })
}

/** True for what the window may load: the page's origin, the page's own blobs, and the developer tools. */
export function isLocal(url: string): boolean {
  return url.startsWith(`${SCHEME}://reuseport-inspector/`) || isOwnBlob(url) || url.startsWith('devtools://')
}

function isOwnBlob(url: string): boolean {
  return url.startsWith(`blob:${SCHEME}://reuseport-inspector/`)
}
