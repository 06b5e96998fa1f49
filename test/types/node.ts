/** Compiled with the engine and the fronts: they run in Node, where the page does not exist. */
export const node = process

// @ts-expect-error: the page
export const page = window
// @ts-expect-error: the page
export const tree = document
