/** The three words between page, preload and main process. The renderer's transport uses the same. */

/** Page to preload, preload to main: a port to the engine is wanted. */
export const ASK_PORT = 'reuseport-inspector/ask-port'
/** Main to preload, preload to page: here is one; `ports[0]` of the message. */
export const PORT = 'reuseport-inspector/port'
/**
 * Main to preload, preload to page: there is no engine behind the page's port, or none any more; `problem` says why
 * (contract/errors.ts). Whether a page's port closes by itself when the other end is gone depends on who holds that end:
 * in Chromium 156 not where it is another page, in Electron it does.
 */
export const NO_PORT = 'reuseport-inspector/no-port'
