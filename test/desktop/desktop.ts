/** The desktop application as a test sees it, on the shell here and on real Electron where its binary is. */

export interface Desktop {
  /** Runs an expression in the page's own world; resolves to its (awaited) JSON value. */
  evaluate<T>(expression: string): Promise<T>
  /** Kills the page's process. */
  crash(): Promise<void>
  /** Process ids of the engines that run. */
  engines(): Promise<number[]>
  /** Addresses that went to the person's browser. */
  external(): Promise<string[]>
  /** Navigations that were begun by the page and refused. */
  refusedNavigations(): Promise<string[]>
  windows(): Promise<number>
  /** Closes the window; resolves to the exit status of the application. */
  close(): Promise<number | null>
}

/** Makes `told` in the page: what it is told when it loses its engine, or gets none. */
export const LISTEN = `{
  globalThis.told = new Promise((resolve) => addEventListener('message', ({ data }) => {
    if (data.type === 'reuseport-inspector/no-port') resolve(data.problem)
  }))
  undefined
}`

/**
 * Defines `call(path, input)` in the page: asks for a port as the page's transport does, and speaks the contract on it.
 * Kept in the page's world, so that it works with any page, the product's own or a plain one.
 */
export const SPEAK = `
  globalThis.takePort = () => new Promise((resolve, reject) => {
    addEventListener('message', function taken({ data, ports }) {
      if (data?.type === 'reuseport-inspector/port') {
        removeEventListener('message', taken)
        resolve(ports[0])
      } else if (data?.type === 'reuseport-inspector/no-port') {
        removeEventListener('message', taken)
        reject(new Error(JSON.stringify(data.problem)))
      }
    })
    postMessage({ type: 'reuseport-inspector/ask-port' }, origin)
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
