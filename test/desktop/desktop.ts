/** The desktop application as tests use it, on the shell and on real Electron if its binary is installed. */

import { ASK_PORT, NO_PORT, PORT } from '../../electron/contract/channels.ts'

export interface Desktop {
  /** Runs an expression in the page's own world; resolves to its (awaited) JSON value. */
  evaluate<T>(expression: string): Promise<T>
  /** Kills the page's process. */
  crash(): Promise<void>
  /** Process ids of the running engines. */
  engines(): Promise<number[]>
  /** URLs opened in the user's browser. */
  external(): Promise<string[]>
  /** Navigations started by the page and blocked. */
  refusedNavigations(): Promise<string[]>
  windows(): Promise<number>
  /** Closes the window; resolves to the exit status of the application. */
  close(): Promise<number | null>
}

/** Defines `told` in the page: the problem it receives when it loses its engine, or gets none. */
export const LISTEN = `{
  globalThis.told = new Promise((resolve) => addEventListener('message', ({ data }) => {
    if (data.type === '${NO_PORT}') resolve(data.problem)
  }))
  undefined
}`

/**
 * Defines `call(path, input)` in the page: requests a port as the page's transport does, and speaks the contract on it.
 * Runs in the page's world, so that it works with any page, the product's own or a plain one.
 */
export const SPEAK = `
  globalThis.takePort = () => new Promise((resolve, reject) => {
    addEventListener('message', function taken({ data, ports }) {
      if (data?.type === '${PORT}' && data.peer === 'engine') {
        removeEventListener('message', taken)
        resolve(ports[0])
      } else if (data?.type === '${NO_PORT}') {
        removeEventListener('message', taken)
        reject(new Error(JSON.stringify(data.problem)))
      }
    })
    postMessage({ type: '${ASK_PORT}', peer: 'engine' }, origin)
  })
  globalThis.callOn = (port, path, input) => new Promise((resolve, reject) => {
    const id = String(Math.random())
    port.addEventListener('message', function answered({ data }) {
      const { i, p } = JSON.parse(data)
      if (i !== id) return
      port.removeEventListener('message', answered)
      resolve({ status: p.s ?? 200, body: p.b?.json })
    })
    port.start()
    port.postMessage(JSON.stringify({ i: id, p: { u: path, b: { json: input } } }))
  })
  globalThis.call = async (path, input) => {
    const port = await takePort()
    try { return await callOn(port, path, input) } finally { port.close() }
  }
  // Functions cannot leave the page.
  undefined
`
