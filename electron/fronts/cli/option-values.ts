/** Parsers of option values: strict, with an error that says what is allowed. No value is guessed. */
import { isIP } from 'node:net'
import type { Selection } from '../../contract/contract.ts'
import type { Protocol, Redaction, Sharing } from '../../contract/model.ts'
import { REDACTIONS } from '../../contract/values.ts'
import { HOST_NAMES, isHostName } from '../../host/carrier/container.ts'
import { usageError } from './failure.ts'

/** A port. Throws a usage error for anything but a decimal number from 1 to 65535. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port >= 1 && port <= 65535)) throw usageError(`'${text}' is not a port: use a number from 1 to 65535.`)
  return port
}

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * The parser of a duration between these two: "500ms", "30s", "10m", "2h", "1d", or a number of seconds. It returns
 * milliseconds, to a tenth, and throws a usage error for anything else.
 */
export function durationParser(from: string, to: string): (text: string) => number {
  return (text) => {
    const duration = milliseconds(text)
    if (duration >= milliseconds(from) && duration <= milliseconds(to)) return duration
    throw usageError(`'${text}' is not allowed: use a duration from ${from} to ${to}; units are ms, s, m, h and d.`)
  }
}

/** NaN for anything but a duration. */
function milliseconds(text: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? []
  return Math.round(10 * Number(number) * UNIT_MS[unit as keyof typeof UNIT_MS]) / 10
}

const counting = durationParser('0s', '10m')

/** How long to count what members are given, in whole milliseconds. */
export function parseCountTime(text: string): number {
  return Math.round(counting(text))
}

const interval = durationParser('100ms', '60s')

/** The time between two refreshes, in whole milliseconds, as recordings and settings store it. */
export function parseInterval(text: string): number {
  return Math.round(interval(text))
}

/** "500MB" or "2GB" in bytes. Throws a usage error outside 1 MB to 100 GB. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(MB|GB)$/i.exec(text)
  const bytes = match === null ? Number.NaN : Number(match[1]) * (match[2]?.toUpperCase() === 'GB' ? 1e9 : 1e6)
  if (!(bytes >= 1e6 && bytes <= 100e9)) {
    throw usageError(`'${text}' is not a size: use 1MB to 100GB, such as 500MB.`)
  }
  return Math.round(bytes)
}

/** A count. Throws a usage error for anything but a whole number from 1. */
export function parseCount(text: string): number {
  const times = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (times < 1) throw usageError(`'${text}' is not a count: use a whole number, 1 or more.`)
  return times
}

/** The name of a namespace or a user. Throws a usage error where it is empty or too long. */
export function parseName(text: string): string {
  if (text === '' || text.length > 200) throw usageError('A name must have 1 to 200 characters.')
  return text
}

/** A filter. Throws a usage error where it is empty or too long; its terms are checked later (group-filter.ts). */
export function parseFilterText(text: string): string {
  if (text.trim() !== '' && text.length <= 1000) return text
  throw usageError('A filter must have 1 to 1000 characters.')
}

/** A host for ssh. Throws a usage error for what ssh would take for an option, or pass to a shell. */
export function parseHost(text: string): string {
  if (isHostName(text)) return text
  throw usageError(`'${text}' is not a host. ${HOST_NAMES}`)
}

/** Hosts separated by commas, each once. Throws a usage error for what parseHost refuses, and for too many. */
export function parseHosts(text: string): string[] {
  const hosts = [...new Set(text.split(',').map((host) => parseHost(host.trim())))]
  if (hosts.length > MAX_HOSTS)
    throw usageError(
      `${hosts.length} hosts are too many: use at most ${MAX_HOSTS}, or Prometheus with \`serve --metrics\`.`,
    )
  return hosts
}
const MAX_HOSTS = 64

/** A line for a shell. Throws a usage error where it is empty or too long. */
export function parseVia(text: string): string {
  if (text.trim() === '' || text.length > 4000) throw usageError('A command must have 1 to 4000 characters.')
  return text
}

/** `127.0.0.1:80` or `[::1]:80`. Throws a usage error for anything else; the engine checks the address further. */
export function parseEndpoint(text: string): { address: string; port: number } {
  const match = /^(?:\[([^[\]]+)\]|([^:[\]]+)):(\d+)$/.exec(text)
  const address = match?.[1] ?? match?.[2]
  if (match === null || address === undefined || isIP(address) === 0) {
    throw usageError(`'${text}' is not an address with a port: use the form 127.0.0.1:80 or [::1]:80.`)
  }
  return { address, port: parsePort(match[3] ?? '') }
}

/** An address prefix, or one address. Throws a usage error for anything else. */
export function parseClientPrefix(text: string): string {
  if (isPrefix(text)) return text
  throw usageError(`'${text}' is not a prefix: use ADDRESS/LENGTH, such as 198.51.100.0/24 or 2001:db8::/32.`)
}

function isPrefix(text: string): boolean {
  const [address = '', length = '0', ...rest] = text.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return rest.length === 0 && !address.includes('%') && /^\d{1,3}$/.test(length) && Number(length) <= bits
}

/** A number of clients. Throws a usage error outside 1 to 65,536. */
export function parseClients(text: string): number {
  const clients = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (clients < 1 || clients > 65_536) throw usageError(`'${text}' is not a number of clients: use 1 to 65536.`)
  return clients
}

/** The name of an interface: at most 15 characters (IFNAMSIZ). */
export function parseInterfaceName(text: string): string {
  if (text === '' || text.length > 15) throw usageError(`'${text}' is not an interface: names have 1 to 15 characters.`)
  return text
}

/** Types of findings, separated by commas. Throws a usage error for what is no name. */
export function parseCodes(text: string): string[] {
  const codes = text.split(',').map((code) => code.trim())
  const wrong = codes.find((code) => !/^[a-z][a-z0-9-]{0,60}$/.test(code))
  if (wrong !== undefined)
    throw usageError(`'${wrong}' is not a type of findings: use names such as queue-overflowing.`)
  return codes
}

/** Ranges of ports, both ends included. */
export type PortRanges = readonly (readonly [from: number, to: number])[]

/** The filters as the command line gives them: those of a group's key. */
export type KeyFilters = {
  readonly protocol?: Protocol
  readonly tcp?: boolean
  readonly udp?: boolean
  readonly ipv4?: boolean
  readonly ipv6?: boolean
  readonly port?: PortRanges
  readonly address?: string
  readonly netns?: string
  readonly user?: string
  readonly sharing?: Sharing
}

/** And those of what the group has. */
export type Filters = KeyFilters & {
  readonly listening?: boolean
  readonly pid?: number
  readonly command?: string
  readonly unit?: string
  /** In the filter language, where the command has it. */
  readonly filter?: string
  readonly all?: boolean
}

/** The engine's selection. `--sharing none` includes unshared sockets without `--all`. */
export function selectionOf(filters: Filters): Selection {
  const { port, tcp, udp, ipv4, ipv6, listening, address, pid, command, unit, netns, user, sharing, filter } = filters
  const protocol = tcp === udp ? filters.protocol : tcp === true ? 'tcp' : 'udp'
  const single = singlePort(filters)
  return {
    ...(protocol !== undefined && { protocol }),
    ...(single !== null && { port: single }),
    ...(port !== undefined && single === null && { ports: port.map(([from, to]): [number, number] => [from, to]) }),
    ...(ipv4 !== ipv6 && { family: ipv4 === true ? ('ipv4' as const) : ('ipv6' as const) }),
    ...(listening === true && { receiving: true }),
    ...(address !== undefined && { address }),
    ...(pid !== undefined && { pid }),
    ...(command !== undefined && { command }),
    ...(unit !== undefined && { service: unit }),
    ...(netns !== undefined && { netns }),
    ...(user !== undefined && { user }),
    ...(sharing !== undefined && { sharing }),
    ...(filter !== undefined && { filter }),
    all: filters.all === true || sharing === 'none',
  }
}

/** The port, where the filters name only one. */
export function singlePort({ port }: Pick<KeyFilters, 'port'>): number | null {
  const [first, ...others] = port ?? []
  return first !== undefined && others.length === 0 && first[0] === first[1] ? first[0] : null
}

/** A local address, or a prefix. Throws a usage error for anything else. */
export function parseAddresses(text: string): string {
  if (isPrefix(text)) return text
  throw usageError(`'${text}' is not an address or prefix: use one such as 127.0.0.1, 10.0.0.0/8 or 2001:db8::/32.`)
}

/** "hosts,users" or "all". Throws a usage error for anything else. */
export function parseRedactions(text: string): Redaction[] {
  const words = text.split(',').map((word) => word.trim())
  if (words.includes('all')) return [...REDACTIONS]
  const unknown = words.find((word) => !REDACTIONS.some((known) => known === word))
  if (unknown !== undefined) {
    throw usageError(`'${unknown}' cannot be redacted: choose from ${REDACTIONS.join(', ')}, or all.`)
  }
  return REDACTIONS.filter((known) => words.includes(known))
}
