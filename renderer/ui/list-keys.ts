/** The index that a key moves the selection to from `at`, not yet clamped to the list; null for other keys. */
export function nextIndex(key: string, at: number, page: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return at + 1
    case 'ArrowUp':
      return Math.max(at, 1) - 1
    case 'PageDown':
      return at + page
    case 'PageUp':
      return at - page
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return null
  }
}
