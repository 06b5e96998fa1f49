/** The hosts that can be chosen, and how each is reached. */
import type { KnownHost } from '../../contract/hosts.ts'
import { type Attempt, type Carrier, commandCarrier, sshCarrier } from '../carrier/carrier.ts'
import { containerCarrier, containerCommand } from '../carrier/container.ts'
import type { HostsFile } from './hosts-file.ts'
import { configuredHosts } from './ssh-config.ts'

/**
 * Those that were added or connected before, the latest first, then those of the ssh configuration. Throws an
 * EngineError.
 */
export function knownHosts(file: HostsFile, configured = configuredHosts()): KnownHost[] {
  const details = new Map(configured.map(({ name, detail }) => [name, detail]))
  const stored = file.read().map(({ name, via, added, lastConnectedAt }): KnownHost => {
    const origin = added ? 'added' : details.has(name) ? 'ssh-config' : 'recent'
    return { name, via: via ?? containerCommand(name), origin, detail: details.get(name) ?? null, lastConnectedAt }
  })
  const names = new Set(stored.map(({ name }) => name))
  const others = configured
    .filter(({ name }) => !names.has(name))
    .map(({ name, detail }): KnownHost => ({ name, via: null, origin: 'ssh-config', detail, lastConnectedAt: null }))
  return [...stored, ...others]
}

/** How a host is reached. `via`: the command that does; null: ssh. */
export type WayToHost = { readonly via: string | null; readonly carrier: (attempt: Attempt) => Carrier }

/** By the command that it was added with, as a container, else by ssh. Throws an EngineError. */
export function wayTo(name: string, file: HostsFile): WayToHost {
  const added = file.find(name)?.via ?? null
  if (added !== null) return { via: added, carrier: () => ({ ...commandCarrier(added), name }) }
  const command = containerCommand(name)
  if (command !== null) return { via: command, carrier: () => containerCarrier(name, command) }
  return { via: null, carrier: (attempt) => sshCarrier(name, attempt) }
}

/** Throws an EngineError. */
export function carrierTo(name: string, file: HostsFile, attempt: Attempt = 'first'): Carrier {
  return wayTo(name, file).carrier(attempt)
}
