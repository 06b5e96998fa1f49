/** The three messages between page, preload and main process. */

/** Page to preload, preload to main: requests a port to the engine. */
export const ASK_PORT = 'reuseport-inspector/ask-port'
/** Main to preload, preload to page: the port, in `ports[0]` of the message. */
export const PORT = 'reuseport-inspector/port'
/**
 * Main to preload, preload to page: the page's port has no engine, or no longer has one; `problem` says why
 * (contract/errors.ts). Whether a page's port closes by itself when the other end is gone depends on what holds that
 * end: if another page does, not in Chromium 156; in Electron it closes.
 */
export const NO_PORT = 'reuseport-inspector/no-port'
