/**
 * One signal for several reasons to stop. `AbortSignal.any` is not used for it anywhere (the linter refuses it): in Node
 * 20 a signal of `AbortSignal.timeout` that only another signal depends on is garbage collected with its timer, and what
 * waits for it waits for ever. In every Node and browser a long-lived source also keeps what depends on it.
 */
export type LinkedAbort = {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
  /** Takes the listeners off the sources and stops the timer. To be called when nothing waits for the signal any more. */
  release(): void
}

/**
 * A signal that is aborted with the first of `sources`, for the same reason; after `timeoutMs`, if that is given, with a
 * DOMException named TimeoutError; or by `abort`.
 */
export function linkedAbort(sources: readonly AbortSignal[], timeoutMs?: number): LinkedAbort {
  const controller = new AbortController()
  const links = sources.map((source) => ({ source, follow: () => abort(source.reason) }))
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => abort(new DOMException(`nothing came for ${timeoutMs} ms`, 'TimeoutError')), timeoutMs)
  const release = () => {
    clearTimeout(timer)
    for (const { source, follow } of links) source.removeEventListener('abort', follow)
  }
  const abort = (reason?: unknown) => {
    release()
    controller.abort(reason)
  }
  for (const { source, follow } of links) {
    if (source.aborted) follow()
    else source.addEventListener('abort', follow, { once: true })
  }
  // A source that was aborted already leaves no listener on those after it.
  if (controller.signal.aborted) release()
  return { signal: controller.signal, abort, release }
}
