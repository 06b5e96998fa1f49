/** Resolves the names in a query about a destination, or says what is wrong with it. */
import type { Arrival, Destination, EarlierStep, Endpoint } from '../../contract/analysis.ts'
import type { Family, Protocol } from '../../contract/model.ts'
import type { Collector } from '../collect/collector.ts'
import { findNamespace } from '../collect/selection.ts'
import { probeAddress } from '../collect/sharing-lookup.ts'
import { addressText, isMulticast, isWildcard } from '../common/addresses.ts'
import { EngineError } from '../common/errors.ts'
import { parseAddress } from './lookup.ts'

/** Thrown for an invalid query. */
export class InvalidQuery extends EngineError {
  override name = 'InvalidQuery'
}

export type ResolvedDestination = {
  netns: number
  protocol: Protocol
  /** Family of the packet: `::ffff:a.b.c.d` travels as IPv4. */
  family: Family
  /** 16 bytes; for a wildcard, an address that no socket is bound to. */
  localAddress: Uint8Array
  /** The destination stands for any address that no socket is bound to. */
  anyAddress: boolean
  local: Endpoint
  /**
   * Ingress interface. 0: one that no socket is bound to; before `arrived()` (kernel-lookup.ts): still to be derived from the
   * route.
   */
  interfaceIndex: number
  interface: string | null
}
export type ResolvedFlow = ResolvedDestination & { remoteAddress: Uint8Array; remote: Endpoint }
/** A query with its arrival and the steps before the lookup. */
export type WithArrival<Question extends ResolvedDestination> = Question & {
  arrival: Arrival
  beforeLookup: EarlierStep[]
}

/**
 * Resolves a flow. Throws InvalidQuery for an unknown namespace or interface, an invalid address, or mixed families.
 */
export function resolveFlow(collector: Collector, flow: Destination & { remote: Endpoint }): ResolvedFlow {
  const remote = address('the client', flow.remote.address)
  if (isWildcard(remote.bytes) || isMulticast(remote.family, remote.bytes)) {
    throw invalidQuery(
      `the client ${flow.remote.address}`,
      'no client can have this address',
      'Use the address of a single host.',
    )
  }
  const destination = resolveDestination(collector, flow, remote.family)
  return {
    ...destination,
    remoteAddress: remote.bytes,
    remote: { address: addressText(remote.bytes, remote.family), port: flow.remote.port },
  }
}

/**
 * Resolves a destination; `clients` is the family of its clients, null to take that of the destination. Throws like
 * resolveFlow.
 */
export function resolveDestination(
  collector: Collector,
  destination: Destination,
  clients: Family | null,
): ResolvedDestination {
  const namespaces = collector.namespaces.list()
  const netns = findNamespace(namespaces, destination.netns ?? 'self')
  if (netns === null) {
    throw new InvalidQuery('NOT_FOUND', {
      operation: `network namespace "${destination.netns ?? 'self'}"`,
      cause: 'no accessible namespace has that name',
      hint: `Accessible: ${namespaces.map(({ name }) => name).join(', ')}.`,
    })
  }
  const local = address('the destination', destination.local.address)
  const wildcard = isWildcard(local.bytes)
  const family = wildcard ? (clients ?? local.family) : local.family
  if (clients !== null && clients !== family) {
    throw invalidQuery(
      `an ${familyName(clients)} client and the destination ${destination.local.address}`,
      'their address families differ',
      'Use IPv4 for both, or IPv6 for both.',
    )
  }
  if (wildcard && family === 'ipv6' && local.family === 'ipv4') {
    throw invalidQuery(
      `IPv6 clients of ${destination.local.address}`,
      'an IPv4 socket accepts no IPv6',
      'Use :: instead.',
    )
  }
  if (isMulticast(family, local.bytes)) {
    throw invalidQuery(
      `the destination ${destination.local.address}`,
      'it is a multicast address: every socket bound to it gets a copy, so none is picked',
      'Use an address of this machine.',
    )
  }
  return {
    netns: netns.inode,
    protocol: destination.protocol,
    family,
    localAddress: wildcard ? probeAddress(new Uint8Array(16), family === 'ipv6' ? 6 : 4) : local.bytes,
    anyAddress: wildcard,
    local: { address: addressText(local.bytes, local.family), port: destination.local.port },
    ...interfaceOf(collector, netns.inode, destination.interface),
  }
}

function interfaceOf(collector: Collector, netns: number, name: string | undefined) {
  if (name === undefined) return { interfaceIndex: 0, interface: null }
  const known = collector.interfaces.list(netns)
  const found = known.find((candidate) => candidate.name === name)
  if (found) return { interfaceIndex: found.index, interface: name }
  throw new InvalidQuery('NOT_FOUND', {
    operation: `interface "${name}"`,
    cause: 'this network namespace has no interface of that name',
    hint: known.length === 0 ? null : `Available: ${known.map((candidate) => candidate.name).join(', ')}.`,
  })
}

function address(whose: string, text: string): { family: Family; bytes: Uint8Array } {
  const parsed = parseAddress(text)
  if (parsed !== null) return parsed
  const zone = text.includes('%')
  throw invalidQuery(
    `${whose} "${text}"`,
    zone ? 'the address must not have a zone' : 'it is not an IPv4 or IPv6 address',
    zone ? 'Name the interface separately.' : 'Use one such as 127.0.0.1 or 2001:db8::1.',
  )
}

export function familyName(family: Family): string {
  return family === 'ipv4' ? 'IPv4' : 'IPv6'
}

/** Throws InvalidQuery: for a broadcast, as for a multicast, no socket is picked. */
export function refuseBroadcast(destination: string): never {
  throw invalidQuery(
    `the destination ${destination}`,
    'it is a broadcast address: every socket bound to it or to any address gets a copy, so none is picked',
    'Use an address of this machine.',
  )
}

function invalidQuery(operation: string, cause: string, hint: string): InvalidQuery {
  return new InvalidQuery('UNPROCESSABLE_CONTENT', { operation, cause, hint })
}
