/** Compiled with the main process of Electron, where the page does not exist. */
export const node = process

// @ts-expect-error: the page
export const page = window
// @ts-expect-error: the page
export const tree = document
