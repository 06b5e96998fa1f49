/**
 * Passes the page a MessagePort to the engine, or to that of another host, and nothing else. Ports cannot cross contextBridge, so it uses
 * `window.postMessage`, to the page's own origin. The page requests one when it is ready, and again when a port closes.
 */
import { ipcRenderer } from 'electron'
import { ASK_PORT, NO_PORT, PORT } from '../contract/channels.ts'

ipcRenderer.on(PORT, (event, peer: unknown) =>
  window.postMessage({ type: PORT, peer }, window.origin, [...event.ports]),
)
ipcRenderer.on(NO_PORT, (_event, problem: unknown) => window.postMessage({ type: NO_PORT, problem }, window.origin))

window.addEventListener('message', ({ source, origin, data }: MessageEvent<unknown>) => {
  if (source !== window || origin !== window.origin) return
  if (typeof data !== 'object' || data === null || !('type' in data) || data.type !== ASK_PORT) return
  ipcRenderer.send(ASK_PORT, 'peer' in data ? data.peer : null)
})
