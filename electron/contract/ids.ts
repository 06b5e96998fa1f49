/** What the ids of the contract look like, for those who do not load zod: the start of the page, and common commands. */

/** 16 hexadecimal digits (`GroupId`). */
export const GROUP_ID = /^[0-9a-f]{16}$/
/** The cookie, or the inode where the cookie is unknown (`MemberId`). */
export const MEMBER_ID = /^(\d{1,20}|inode:\d{1,10})$/
export function memberId({ cookie, inode }: { readonly cookie: string | null; readonly inode: number }): string {
  return cookie ?? `inode:${inode}`
}
/** 8 hexadecimal digits (`LabId`). */
export const LAB_ID = /^[0-9a-f]{8}$/
/** Characters of the longest `StoredId`. */
export const MAX_STORED_ID = 300
