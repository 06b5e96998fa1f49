/** Where a key moves the selected row of a list from `at`, before it is held within the list; null for a key that does not move it. */
export function destination(key: string, at: number, page: number, count: number): number | null {
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
