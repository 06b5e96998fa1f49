/** Compiled with the contract: it runs everywhere, so neither Node nor the page exists for it. */

// @ts-expect-error: Node
export const node = process
// @ts-expect-error: Node
export const bytes = Buffer
// @ts-expect-error: the page
export const page = window
// @ts-expect-error: the page
export const tree = document
