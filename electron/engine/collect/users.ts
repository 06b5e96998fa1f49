/** Names of users, from /etc/passwd. */
import { readFileSync, statSync } from 'node:fs'

/**
 * Reads only the file, not what nsswitch.conf(5) adds (LDAP, sssd, systemd-userdb): a lookup there may take seconds and
 * requires glibc. A uid of such a user, or of a container's own users, has no name here.
 */
export class Users {
  readonly #path: string
  #stamp = ''
  #names: ReadonlyMap<number, string> = new Map()

  constructor(path = '/etc/passwd') {
    this.#path = path
  }

  /** Reads the file again if it was written since: one stat(2) if not. */
  refresh(): void {
    try {
      const { mtimeMs, ino, size } = statSync(this.#path)
      // Programs replace the file (vipw(8), useradd(8)): the inode shows that even within the same millisecond.
      const stamp = `${mtimeMs} ${ino} ${size}`
      if (stamp === this.#stamp) return
      this.#names = userNames(readFileSync(this.#path, 'utf8'))
      this.#stamp = stamp
    } catch {
      this.#names = new Map()
      this.#stamp = ''
    }
  }

  /** The login name; null where the file has none. Before the first `refresh` there are none. */
  name(uid: number): string | null {
    return this.#names.get(uid) ?? null
  }

  /** Whether this can mean a user: a uid, or a name in the file. */
  has(nameOrUid: string): boolean {
    return /^\d+$/.test(nameOrUid) || [...this.#names.values()].includes(nameOrUid)
  }
}

/** The account that a process runs as. */
export type Account = { readonly name: string | null; readonly uid: number; readonly gid: number }

/**
 * The account with this name or uid, from the text of passwd(5). A uid without a line counts too, with the group of the
 * same number; null for a name without a line.
 */
export function accountOf(text: string, nameOrUid: string): Account | null {
  for (const line of text.split('\n')) {
    const [name, , uid, gid] = line.split(':')
    if (!name || name.startsWith('#') || !/^\d{1,10}$/.test(uid ?? '') || !/^\d{1,10}$/.test(gid ?? '')) continue
    if (name === nameOrUid || uid === nameOrUid) return { name, uid: Number(uid), gid: Number(gid) }
  }
  // (uid_t) -1 means "unchanged" to setuid(2) and belongs to no user.
  const uid = /^\d{1,10}$/.test(nameOrUid) ? Number(nameOrUid) : Number.NaN
  return uid < 0xffff_ffff ? { name: null, uid, gid: uid } : null
}

/** uid → name from the text of passwd(5). Of several names for one uid the first counts, as in getpwuid(3). */
export function userNames(text: string): Map<number, string> {
  const names = new Map<number, string>()
  for (const line of text.split('\n')) {
    const [name, , uid] = line.split(':')
    if (!name || name.startsWith('#') || uid === undefined || !/^\d{1,10}$/.test(uid)) continue
    if (!names.has(Number(uid))) names.set(Number(uid), name)
  }
  return names
}
