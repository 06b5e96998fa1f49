/** The page's own origin in the window, and the only check of who may send messages to the main process. */
import type { IpcMainEvent, WebContents } from 'electron'

export const SCHEME = 'app'
export const PAGE_URL = `${SCHEME}://reuseport-inspector/`

/** The relevant part of an Electron frame. `WebFrameMain` fits. */
export type Frame = { readonly url: string; readonly parent: unknown }
export type Sender = { readonly sender: unknown; readonly senderFrame: Frame | null }

/** True only for the URL of the page's document, with any `#` or `?` part. */
export function isPageUrl(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, host, pathname, username, password, port } = new URL(url)
  return (
    protocol === `${SCHEME}:` &&
    host === 'reuseport-inspector' &&
    (pathname === '/' || pathname === '/index.html') &&
    username + password + port === ''
  )
}

/**
 * True when a message came from the main frame of our own window while it shows our page. A frame that no longer exists
 * when its message arrives is null, and rejected: there is no one to answer.
 */
export function isOurPage(event: Sender | IpcMainEvent, page: WebContents | null): boolean {
  const frame = event.senderFrame
  return page !== null && event.sender === page && frame !== null && frame.parent === null && isPageUrl(frame.url)
}
