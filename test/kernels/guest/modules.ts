/** Kernel modules as files of the guest: they are loaded only by the tests. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { release } from 'node:os'

const NAMES = ['inet_diag', 'tcp_diag', 'udp_diag'] as const
type Name = (typeof NAMES)[number]
/** In the order of their dependencies. Built-in modules have no file. */
const IPVS = ['crc32c_generic', 'libcrc32c', 'nf_defrag_ipv4', 'nf_defrag_ipv6', 'nf_conntrack', 'ip_vs']

const file = (name: string) => `/modules/${release()}/${name}.ko`

/** Whether the tests load the modules; on the machine's own kernel they do not. */
export const modulesAreOurs = existsSync(file('inet_diag'))

/** Loads the modules for sock_diag: the named ones, or all. */
export function loadModules(...names: Name[]): void {
  if (!modulesAreOurs) return
  for (const name of names.length > 0 ? names : NAMES) execFileSync('insmod', [file(name)])
}

/** Loads virtual routing and forwarding. */
export function loadVrf(): void {
  execFileSync('insmod', [file('vrf')])
}

/** Loads IPVS. */
export function loadIpvs(): void {
  for (const path of IPVS.map(file)) if (existsSync(path)) execFileSync('insmod', [path])
}
