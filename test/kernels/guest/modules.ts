/** The kernel modules that answer sock_diag, as files of the guest: they are loaded only when the tests say so. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { release } from 'node:os'

const NAMES = ['inet_diag', 'tcp_diag', 'udp_diag'] as const
type Name = (typeof NAMES)[number]

const file = (name: Name) => `/modules/${release()}/${name}.ko`

/** Whether they are here to be loaded; where the tests run on the machine's own kernel, it has what it has. */
export const modulesAreOurs = existsSync(file('inet_diag'))

/** Loads one of them, or all. */
export function loadModules(...names: Name[]): void {
  if (!modulesAreOurs) return
  for (const name of names.length > 0 ? names : NAMES) execFileSync('insmod', [file(name)])
}
