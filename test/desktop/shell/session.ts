/** session: the handlers that the bundle sets, applied to the page's requests. */
import { EventEmitter } from 'node:events'
import { strict, strictOptions } from './strict.ts'

type RequestListener = (details: { url: string }, answer: (response: { cancel?: boolean }) => void) => void
type ProtocolHandler = (request: Request) => Response | Promise<Response>
type RequestHandler = (
  contents: unknown,
  permission: string,
  answer: (granted: boolean) => void,
  details: { isMainFrame: boolean; requestingUrl: string },
) => void
type CheckHandler = (contents: unknown, permission: string, origin: string, details: object) => boolean

export class Session extends EventEmitter {
  readonly #schemes = new Map<string, ProtocolHandler>()
  #request: RequestHandler | null = null
  #check: CheckHandler | null = null
  #device: (() => boolean) | null = null
  #beforeRequest: RequestListener | null = null

  readonly protocol = strict('session.protocol', {
    handle: (scheme: string, handler: ProtocolHandler) => void this.#schemes.set(scheme, handler),
  })
  readonly webRequest = strict('session.webRequest', {
    onBeforeRequest: (listener: RequestListener) => {
      this.#beforeRequest = listener
    },
  })

  setPermissionRequestHandler(handler: RequestHandler): void {
    this.#request = handler
  }
  setPermissionCheckHandler(handler: CheckHandler): void {
    this.#check = handler
  }
  setDevicePermissionHandler(handler: () => boolean): void {
    this.#device = handler
  }

  /** The response to a request; null if it is blocked. Only handled schemes are ever loaded here. */
  async load(url: string, method: string): Promise<Response | null> {
    let cancelled = false
    this.#beforeRequest?.({ url }, ({ cancel }) => (cancelled = cancel === true))
    const handler = this.#schemes.get(url.slice(0, url.indexOf(':')))
    return cancelled || handler === undefined ? null : handler(new Request(url, { method }))
  }

  /** The bundle's answers to a permission, requested and checked. Electron grants permissions without a handler. */
  async permission(
    name: string,
    requestingUrl: string,
    isMainFrame: boolean,
  ): Promise<{ request: boolean; check: boolean; device: boolean }> {
    const request = await new Promise<boolean>((resolve) => {
      if (this.#request === null) resolve(true)
      else this.#request(null, name, resolve, { isMainFrame, requestingUrl })
    })
    return {
      request,
      check: this.#check?.(null, name, requestingUrl, { isMainFrame }) ?? true,
      device: this.#device?.() ?? true,
    }
  }

  /** The options of the save dialog for a download of `url`; null if it is blocked. */
  download(url: string): { title?: string; defaultPath?: string } | null {
    let prevented = false
    let dialog = {}
    let asked = false
    this.emit(
      'will-download',
      { preventDefault: () => (prevented = true) },
      strict('DownloadItem', {
        getURL: () => url,
        getFilename: () => 'download.json',
        setSaveDialogOptions: (options: object) => {
          if (asked) throw new Error('setSaveDialogOptions was called too late: the dialog is open')
          strictOptions('DownloadItem.setSaveDialogOptions', options, ['title', 'defaultPath'])
          dialog = options
        },
      }),
    )
    asked = true
    return prevented ? null : dialog
  }
}
