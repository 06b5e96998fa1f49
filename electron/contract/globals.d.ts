/** All that the contract uses of the platform: Node and every browser have it. */

declare class AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void, options?: { once: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

declare class AbortController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}

declare class DOMException extends Error {
  constructor(message: string, name: string)
}

declare function setTimeout(action: () => void, ms: number): object
declare function clearTimeout(timer: object | undefined): void
