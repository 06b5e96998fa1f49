/** Which groups are the lab's own: the same everywhere they are shown. */
export { isLabGroup as isOurs } from '../../electron/contract/meaning.ts'
