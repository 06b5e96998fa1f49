/**
 * One signal for several reasons to stop, in place of `AbortSignal.any` (which the linter refuses): in Node 20 an
 * `AbortSignal.timeout` that only another signal depends on is garbage collected with its timer, so waiters wait
 * forever. In every Node and browser a long-lived source also retains its dependents.
 */
export type LinkedAbort = {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
  /** Removes the listeners from the sources and stops the timer. Call it when nothing waits for the signal any more. */
  release(): void
}

/**
 * A signal that aborts with the first of `sources`, for the same reason; after `timeoutMs`, if given, with a
 * DOMException named TimeoutError; or by `abort`.
 */
export function linkedAbort(sources: readonly AbortSignal[], timeoutMs?: number): LinkedAbort {
  const controller = new AbortController()
  const links = sources.map((source) => ({ source, follow: () => abort(source.reason) }))
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => abort(new DOMException(`timed out after ${timeoutMs} ms`, 'TimeoutError')), timeoutMs)
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
  // If a source was aborted already, the others must not keep listeners.
  if (controller.signal.aborted) release()
  return { signal: controller.signal, abort, release }
}
