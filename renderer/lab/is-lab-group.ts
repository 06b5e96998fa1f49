/** Whether a group belongs to the lab. */
export { isLabGroup as isOurs } from '../../electron/contract/constants.ts'
