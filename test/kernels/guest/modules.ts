/** Kernel modules as files of the guest: they are loaded only when the tests say so. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { release } from 'node:os'

const NAMES = ['inet_diag', 'tcp_diag', 'udp_diag'] as const
type Name = (typeof NAMES)[number]
/** In the order in which they need each other. What a kernel has built in is no file. */
const IPVS = ['crc32c_generic', 'libcrc32c', 'nf_defrag_ipv4', 'nf_defrag_ipv6', 'nf_conntrack', 'ip_vs']

const file = (name: string) => `/modules/${release()}/${name}.ko`

/** Whether they are here to be loaded; where the tests run on the machine's own kernel, it has what it has. */
export const modulesAreOurs = existsSync(file('inet_diag'))

/** Loads what answers sock_diag: one of them, or all. */
export function loadModules(...names: Name[]): void {
  if (!modulesAreOurs) return
  for (const name of names.length > 0 ? names : NAMES) execFileSync('insmod', [file(name)])
}

/** Loads IPVS. */
export function loadIpvs(): void {
  for (const path of IPVS.map(file)) if (existsSync(path)) execFileSync('insmod', [path])
}
