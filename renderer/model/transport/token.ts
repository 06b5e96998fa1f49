/**
 * The token that opens the engine in a browser. It comes in the address, where it would be copied and stored in the
 * browser's history: it is taken from there at once, and kept in the tab's memory. Other tabs of the same server get it
 * from those that are connected, so that a link opens in a new tab.
 */

const KEPT = 'reuseport-inspector/token'
const CHANNEL = 'reuseport-inspector/token'
/** How long a new tab waits for another tab's token. */
const ANSWER_MS = 400

export type Token = {
  /** The token to connect with; null where no tab of this browser has one. */
  readonly get: () => Promise<string | null>
  /** The server refused the last one. */
  readonly refuse: () => void
}

type TokenEvents = {
  /** True while this tab is connected: its token works. */
  readonly isConnected: () => boolean
  /** A new token came, in this tab's address or from another tab. */
  readonly changed: () => void
}

type Message = { readonly type: 'request' } | { readonly type: 'token'; readonly token: string }

/** Takes the token from the address, now and whenever an address with one is pasted into the tab. Call once. */
export function startToken(page: Window, { isConnected, changed }: TokenEvents): Token {
  const others = new BroadcastChannel(CHANNEL)
  const tell = (message: Message) => others.postMessage(message)
  let answered: () => void = () => {}
  let refused = false

  const take = (token: string) => {
    page.sessionStorage.setItem(KEPT, token)
    refused = false
    answered()
    changed()
  }
  const takeFromAddress = (before: string) => {
    const { token, rest } = splitToken(page.location.hash)
    if (token === null) return
    const address = `${page.location.pathname}${page.location.search}`
    page.history.replaceState(null, '', `${address}${rest === '' ? before : rest}`)
    take(token)
    tell({ type: 'token', token })
  }

  others.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    const kept = page.sessionStorage.getItem(KEPT)
    if (data.type === 'request') {
      if (kept !== null && isConnected()) tell({ type: 'token', token: kept })
    } else if (data.token !== kept || refused) take(data.token)
  })
  // Before anything that reads the route: it never sees the token.
  page.addEventListener('hashchange', ({ oldURL }) => takeFromAddress(new URL(oldURL).hash))
  takeFromAddress('#/groups')

  const ask = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ANSWER_MS)
      answered = () => {
        clearTimeout(timer)
        resolve()
      }
      tell({ type: 'request' })
    })

  return {
    async get() {
      if (refused || page.sessionStorage.getItem(KEPT) === null) await ask()
      return page.sessionStorage.getItem(KEPT)
    },
    refuse: () => {
      refused = true
    },
  }
}

/** The token in the part of an address after `#`, and the route that is left; `rest` is empty without a route. */
export function splitToken(hash: string): { token: string | null; rest: string } {
  const [found = '', token] = /[?&]?\btoken=([\w-]+)&?/.exec(hash) ?? []
  if (token === undefined) return { token: null, rest: hash }
  const [path = '', ...query] = hash.replace(found, found.startsWith('?') ? '?' : '&').split(/[?&#]/)
  const parts = [path, ...query].filter((part) => part !== '')
  const route = parts.find((part) => part.startsWith('/'))
  if (route === undefined) return { token, rest: '' }
  const kept = parts.filter((part) => part !== route)
  return { token, rest: `#${route}${kept.length === 0 ? '' : `?${kept.join('&')}`}` }
}
