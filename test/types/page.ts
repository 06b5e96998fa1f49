/** Compiled with the page: Node does not exist there. */
export const page = window

// @ts-expect-error: Node
export const node = process
// @ts-expect-error: Node
export const bytes = Buffer
