/** The hosts that can be chosen, and how each is reached. */
import type { KnownHost } from '../../contract/hosts.ts'
import { type Attempt, type Carrier, commandCarrier, sshCarrier } from '../carrier/carrier.ts'
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
    return { name, via, origin, detail: details.get(name) ?? null, lastConnectedAt }
  })
  const names = new Set(stored.map(({ name }) => name))
  const others = configured
    .filter(({ name }) => !names.has(name))
    .map(({ name, detail }): KnownHost => ({ name, via: null, origin: 'ssh-config', detail, lastConnectedAt: null }))
  return [...stored, ...others]
}

/** How a host is reached: by the command that it was added with, else by ssh. Throws an EngineError. */
export function carrierTo(name: string, file: HostsFile, attempt: Attempt = 'first'): Carrier {
  const via = file.find(name)?.via ?? null
  return via === null ? sshCarrier(name, attempt) : { ...commandCarrier(via), name }
}
