/** What is missing where the kernel has no sock_diag, or only a part of it, and how to get it. */
import { readdirSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import type { Refresh } from '../../../native/index.ts'
import type { Shortfall } from '../../contract/model.ts'

export type MissingTable = Refresh['missing'][number]
type Failure = Refresh['failures'][number]

/** What a kernel without the module answers; other codes come from a sandbox, or a kernel built without netlink. */
const NO_MODULE: ReadonlySet<string> = new Set(['ENOENT', 'EOPNOTSUPP'])
const MODULES = { tcp: 'tcp_diag', udp: 'udp_diag' } as const

/** Nothing could be read, neither over sock_diag nor from /proc/net. */
export class ReadFailure extends Error {
  readonly hint: string | null

  constructor(failure: Failure, missing: readonly MissingTable[]) {
    const [table] = missing
    const refused = table === undefined ? '' : `, and sock_diag answers "${table.message}" (${table.code})`
    super(`the kernel answered "${failure.message}" (${failure.code})${refused}`)
    this.name = 'ReadFailure'
    this.hint = table === undefined ? null : hintFor(missing)
  }
}

/** One limitation for everything that is missing; none where nothing is. */
export function missingSockDiag(missing: readonly MissingTable[]): Shortfall[] {
  const [first] = missing
  if (first === undefined) return []
  const protocols = protocolsOf(missing)
  const names = protocols.map((protocol) => protocol.toUpperCase()).join(' and ')
  const lost = [
    'cookies',
    ...(protocols.includes('tcp') ? ['backlogs', 'TCP drops', 'bound TCP sockets'] : []),
    ...(protocols.includes('udp') ? ['UDP receive buffers'] : []),
  ]
  return [
    {
      kind: 'limitation',
      netns: null,
      operation: `reading ${names} sockets over sock_diag`,
      cause: `${describeMissing(missing)}; /proc/net is read instead, without ${lost.join(', ')} or lookups`,
      hint: hintFor(missing),
    },
  ]
}

/** "the kernel has no tcp_diag (ENOENT)". */
export function describeMissing(missing: readonly MissingTable[]): string {
  const code = missing[0]?.code ?? 'ENOENT'
  if (!NO_MODULE.has(code)) return `netlink sockets for sock_diag are refused (${code})`
  return `this kernel has no ${modulesOf(missing).join(' and no ')} (${code})`
}

/** How to get the missing modules, as far as /lib/modules shows. */
export function hintFor(missing: readonly MissingTable[]): string {
  if (!NO_MODULE.has(missing[0]?.code ?? 'ENOENT')) {
    return 'A sandbox or container without sock_diag: run the inspector outside it.'
  }
  const modules = modulesOf(missing).join(' ')
  const running = release()
  const installed = namesIn('/lib/modules')
  if (installed.length === 0) {
    return `Load the modules as root (in a container: on the host): \`modprobe -a ${modules}\``
  }
  if (!installed.includes(running)) {
    return `/lib/modules no longer has the modules of the running kernel, ${running}, as after an upgrade: reboot, or load ${modules} from the old package.`
  }
  const has = hasModules(running, modulesOf(missing))
  if (has === false) return `/lib/modules/${running} has no ${modules}: use a kernel built with CONFIG_INET_DIAG.`
  return `Load the modules as root: \`modprobe -a ${modules}\``
}

function modulesOf(missing: readonly MissingTable[]): string[] {
  return protocolsOf(missing).map((protocol) => MODULES[protocol])
}

/** The protocols that are missing, each once. */
export function protocolsOf(missing: readonly MissingTable[]): ('tcp' | 'udp')[] {
  return [...new Set(missing.map(({ protocol }) => protocol))]
}

/** Whether depmod's list has all of them; null where it cannot be read. */
function hasModules(running: string, modules: readonly string[]): boolean | null {
  try {
    const list = readFileSync(`/lib/modules/${running}/modules.dep`, 'utf8')
    return modules.every((name) => list.includes(`/${name}.ko`))
  } catch {
    return null
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
