/** What this machine and this user's permissions allow a lab to do. */
import { readFileSync } from 'node:fs'
import { availableParallelism, networkInterfaces } from 'node:os'
import { migrationIn } from '../analyze/findings/namespace-facts.ts'
import { capabilitiesOf } from '../collect/host.ts'
import { type Account, accountOf, userNames } from '../collect/users.ts'

export class Machine {
  readonly uid = process.geteuid?.() ?? 0
  readonly #passwd = '/etc/passwd'

  get root(): boolean {
    return this.uid === 0
  }

  /** True with this effective capability, as in `cap_net_bind_service`. */
  has(capability: string): boolean {
    return capabilitiesOf(readText('/proc/self/status'))?.includes(capability) ?? false
  }

  account(nameOrUid: string): Account | null {
    return accountOf(readText(this.#passwd), nameOrUid)
  }

  /** Login name, or the uid where there is none. */
  userName(uid: number): string {
    return userNames(readText(this.#passwd)).get(uid) ?? String(uid)
  }

  userNames(): string[] {
    return [...userNames(readText(this.#passwd)).values()]
  }

  /**
   * Addresses of this machine, numeric; of 127.0.0.0/8 only the first, though all of it is local. Where they cannot be
   * queried (Node uses netlink), only those that every machine has.
   */
  addresses(): string[] {
    try {
      return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address))
    } catch {
      return ['127.0.0.1', '::1']
    }
  }

  /** Names of all interfaces, with or without an address (proc_net(5), /proc/net/dev). */
  interfaces(): string[] {
    return [...readText('/proc/net/dev').matchAll(/^\s*([^:\s]+):/gm)].map(([, name]) => name ?? '')
  }

  /** The first port that is not privileged (ip(7), net.ipv4.ip_unprivileged_port_start). */
  unprivilegedPortStart(): number {
    const text = readText('/proc/sys/net/ipv4/ip_unprivileged_port_start').trim()
    return /^\d+$/.test(text) ? Number(text) : 1024
  }

  /** Descriptors that a process may have (getrlimit(2), RLIMIT_NOFILE); processes that we start inherit the limit. */
  descriptors(): number {
    const soft = /^Max open files\s+(\d+|unlimited)/m.exec(readText('/proc/self/limits'))?.[1]
    return soft === undefined || soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft)
  }

  /** Whether this kernel can migrate the queue of a closing listener to another member. */
  canMigrateRequests(): boolean {
    return migrationIn(readText('/proc/net/netstat'))
  }

  cpus(): number {
    return availableParallelism()
  }

  /** Whether an unprivileged user may create namespaces; `limit` 0 forbids it to everyone (user_namespaces(7)). */
  mayMakeNamespaces(): boolean {
    if (this.has('cap_sys_admin')) return true
    const limit = readText('/proc/sys/user/max_user_namespaces').trim()
    const debian = readText('/proc/sys/kernel/unprivileged_userns_clone').trim()
    const apparmor = readText('/proc/sys/kernel/apparmor_restrict_unprivileged_userns').trim()
    return limit !== '0' && debian !== '0' && apparmor !== '1'
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
