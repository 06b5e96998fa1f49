/** The page's own origin in the window, and the one place that says who may speak to the main process. */
import type { IpcMainEvent, WebContents } from 'electron'

export const SCHEME = 'app'
export const PAGE_URL = `${SCHEME}://reuseport-inspector/`

/** What of an Electron frame decides. `WebFrameMain` fits. */
export type Frame = { readonly url: string; readonly parent: unknown }
export type Sender = { readonly sender: unknown; readonly senderFrame: Frame | null }

/** True for the page's document and nothing else of this origin: its address, whatever stands behind `#` or `?`. */
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
 * True when a message came from the main frame of our own window while it shows our page. A frame that is gone by the
 * time its message arrives is null, and refused: nobody is left to answer to.
 */
export function isOurPage(event: Sender | IpcMainEvent, page: WebContents | null): boolean {
  const frame = event.senderFrame
  return page !== null && event.sender === page && frame !== null && frame.parent === null && isPageUrl(frame.url)
}
