/** The hosts of the dialog in sections, as far as they match what was typed. */
import type { KnownHost } from '../../../electron/contract/hosts.ts'

/** `id`: what a menu knows it by. */
export type HostChoice = { readonly id: string; readonly via: string | null; readonly aside: string }
export type HostSection = { readonly id: string; readonly title: string; readonly hosts: readonly HostChoice[] }

const TITLES: Record<KnownHost['origin'], string> = {
  root: 'This machine',
  added: 'Added',
  recent: 'Connected before',
  'ssh-config': 'From your ssh configuration',
  container: 'Containers on this machine',
}

/** What was typed may be anywhere in the name, the details or the command. Empty sections are left out. */
export function hostChoices(known: readonly KnownHost[], typed: string): HostSection[] {
  const words = typed.toLowerCase().trim()
  return (['root', 'added', 'recent', 'ssh-config', 'container'] as const)
    .map((origin) => ({
      id: origin,
      title: TITLES[origin],
      hosts: known
        .filter((host) => host.origin === origin)
        .map(({ name, via, detail }) => ({
          id: name,
          via,
          aside: (origin === 'container' ? detail : via) ?? detail ?? '',
        }))
        .filter(({ id, aside }) => `${id} ${aside}`.toLowerCase().includes(words)),
    }))
    .filter(({ hosts }) => hosts.length > 0)
}
