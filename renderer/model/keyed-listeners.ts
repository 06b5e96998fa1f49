/** Functions that are called when one of many things changes. */
export class KeyedListeners<Key> {
  readonly #listeners = new Map<Key, Set<() => void>>()

  /** Calls `listener` when the thing with this key changes. Returns the unsubscribe function. */
  add(key: Key, listener: () => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set()
    this.#listeners.set(key, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(key)
    }
  }

  call(key: Key): void {
    for (const listener of this.#listeners.get(key) ?? []) listener()
  }
}
