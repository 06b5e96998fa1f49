/** What no page of ours needs, refused: navigation, windows, permissions, downloads from elsewhere, the network. */
import { join } from 'node:path'
import type { Session, Shell, WebContents } from 'electron'
import { isPageUrl, SCHEME } from './origin.ts'

/** Refuses for one page: every way to leave it or to open another. Links to `https:` go to the person's browser. */
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

/** Opens `url` in the person's browser where it is plain https; says whether it was. */
export function openHttps(url: string, shell: Pick<Shell, 'openExternal'>): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, username, password, href } = new URL(url)
  if (protocol !== 'https:' || username + password !== '') return false
  void shell.openExternal(href)
  return true
}

/**
 * The one thing that a page may do which the browser calls a permission: put text on the clipboard when somebody
 * presses "Copy". It cannot read it.
 */
const CLIPBOARD_WRITE = 'clipboard-sanitized-write'

/** Refuses for the whole session. What the page made itself may be saved, in `downloads` unless a person chooses another folder. */
export function guardSession(session: Session, downloads: string): void {
  session.setPermissionRequestHandler((_contents, permission, answer, { isMainFrame, requestingUrl }) =>
    answer(permission === CLIPBOARD_WRITE && isMainFrame && isPageUrl(requestingUrl)),
  )
  session.setPermissionCheckHandler((_contents, permission) => permission === CLIPBOARD_WRITE)
  session.setDevicePermissionHandler(() => false)
  // The policy of the page says the same; this holds where a page would have none.
  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !isLocal(url) }))
  session.on('will-download', (event, item) => {
    if (!isOwnBlob(item.getURL())) return event.preventDefault()
    // Else the dialog's title is the address, which means nothing to a person.
    const name = item.getFilename()
    item.setSaveDialogOptions({ title: `Save ${name}`, defaultPath: join(downloads, name) })
  })
}

/** True for what the window may load: the page's origin, what the page made itself, and the developer tools. */
export function isLocal(url: string): boolean {
  return url.startsWith(`${SCHEME}://reuseport-inspector/`) || isOwnBlob(url) || url.startsWith('devtools://')
}

function isOwnBlob(url: string): boolean {
  return url.startsWith(`blob:${SCHEME}://reuseport-inspector/`)
}
