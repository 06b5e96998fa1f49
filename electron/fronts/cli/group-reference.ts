/** How a user names a group: by its id, a prefix of it, or its endpoint. */
import { isIP, SocketAddress } from 'node:net'
import type { Family, GroupKey, Protocol } from '../../contract/model.ts'
import { usageError } from './failure.ts'

export type GroupReference =
  | { readonly kind: 'id'; readonly prefix: string }
  | {
      readonly kind: 'endpoint'
      readonly protocol: Protocol | null
      readonly family: Family | null
      /** null: any address. */
      readonly address: string | null
      readonly interface: string | null
      readonly port: number
    }

const forms = 'use an id, a prefix of at least 4 digits, or an endpoint such as :443, 443/tcp, 0.0.0.0:443 or [::]:443'

const ENDPOINT =
  /^(?:(?<before>(?:tcp|udp)[46]?):)?(?:(?<host>\[[^\]]*\]|[^:[\]/]*):)?(?<digits>\d+)(?:\/(?<after>(?:tcp|udp)[46]?))?$/i

/** Of `tcp`, `udp6`, or neither. */
function layerOf(text: string | undefined): { protocol: Protocol | null; family: Family | null } {
  return {
    protocol: text === undefined ? null : text.startsWith('tcp') ? 'tcp' : 'udp',
    family: text?.endsWith('4') ? 'ipv4' : text?.endsWith('6') ? 'ipv6' : null,
  }
}

/** Parses a reference. Throws a usage error for anything else. */
export function parseGroupReference(text: string): GroupReference {
  const lower = text.toLowerCase()
  if (/^[0-9a-f]{4,16}$/.test(lower)) return { kind: 'id', prefix: lower }
  const match = ENDPOINT.exec(text)
  const { before, host: bracketed, digits, after } = match?.groups ?? {}
  // A bare number may be the start of an id.
  const marked = [before, bracketed, after].filter((part) => part !== undefined).length > 0
  if (!marked || (before !== undefined && after !== undefined)) throw usageError(`'${text}' is not a group: ${forms}.`)
  const port = Number(digits)
  if (port < 1 || port > 65535) throw usageError(`'${text}' is not a group: ${digits} is not a port from 1 to 65535.`)
  const host = (bracketed ?? '').replace(/^\[|\]$/g, '')
  const percent = host.indexOf('%')
  const address = percent < 0 ? host : host.slice(0, percent)
  const any = address === '' || address === '*'
  if (!any && isIP(address) === 0) throw usageError(`'${text}' is not a group: '${address}' is not an IP address.`)
  return {
    kind: 'endpoint',
    ...layerOf((before ?? after)?.toLowerCase()),
    address: any ? null : canonical(address),
    interface: percent < 0 ? null : host.slice(percent + 1),
    port,
  }
}

/** True for a group that matches the reference. */
export function refersTo(reference: GroupReference, group: GroupKey): boolean {
  if (reference.kind === 'id') return group.id.startsWith(reference.prefix)
  return (
    group.port === reference.port &&
    (reference.protocol === null || group.protocol === reference.protocol) &&
    (reference.family === null || group.family === reference.family) &&
    (reference.interface === null || group.interface === reference.interface) &&
    (reference.address === null || canonical(group.address) === reference.address)
  )
}

/** For each id its shortest unique prefix of at least `least` digits. */
export function shortIds(ids: readonly string[], least = 4): Map<string, string> {
  const sorted = [...new Set(ids)].sort()
  return new Map(
    sorted.map((id, at) => {
      const needed = Math.max(common(id, sorted[at - 1]), common(id, sorted[at + 1])) + 1
      return [id, id.slice(0, Math.max(least, needed))]
    }),
  )
}

function common(a: string, b: string | undefined): number {
  let same = 0
  while (b !== undefined && same < a.length && a[same] === b[same]) same++
  return same
}

/** The address in the spelling of inet_ntop(3). */
function canonical(address: string): string {
  return isIP(address) === 6 ? new SocketAddress({ address, family: 'ipv6' }).address : address
}
