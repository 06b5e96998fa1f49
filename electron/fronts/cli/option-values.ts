/** Values of options: read strictly, refused with what is allowed. No value is guessed. */
import { isIP } from 'node:net'
import type { Selection } from '../../contract/contract.ts'
import type { Protocol, Sharing } from '../../contract/model.ts'
import { badUsage } from './failure.ts'

// The model's own enumerations are zod's, and loading zod costs more than a usage error may; a test keeps these equal.
export const protocols = ['tcp', 'udp'] as const satisfies readonly Protocol[]
export const sharings = ['reuseport', 'reuseaddr', 'inherited', 'none', 'unknown'] as const satisfies readonly Sharing[]

/** A port as a person writes it. Throws bad usage for anything but a decimal number from 1 to 65535. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port >= 1 && port <= 65535)) throw badUsage(`'${text}' is not a port: give a number from 1 to 65535.`)
  return port
}

/** "2", "2s" or "500ms" in milliseconds. Throws bad usage outside 100 ms to 60 s. */
export function parseInterval(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text)
  const value = match === null ? Number.NaN : Number(match[1]) * (match[2] === 'ms' ? 1 : 1000)
  const interval = Math.round(value)
  if (!(interval >= 100 && interval <= 60_000)) {
    throw badUsage(`'${text}' is not an interval: give seconds or milliseconds from 100ms to 60s, such as 2s or 500ms.`)
  }
  return interval
}

/** How many times. Throws bad usage for anything but a whole number from 1. */
export function parseCount(text: string): number {
  const times = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (times < 1) throw badUsage(`'${text}' is not a count: give a whole number from 1.`)
  return times
}

/** The name of a namespace or a user. Throws bad usage where it is empty or longer than any can be. */
export function parseName(text: string): string {
  if (text === '' || text.length > 200) throw badUsage('A name needs from 1 to 200 characters.')
  return text
}

/** `127.0.0.1:80` or `[::1]:80`. Throws bad usage for anything else; the engine knows more of addresses. */
export function parseEndpoint(text: string): { address: string; port: number } {
  const match = /^(?:\[([^[\]]+)\]|([^:[\]]+)):(\d+)$/.exec(text)
  const address = match?.[1] ?? match?.[2]
  if (match === null || address === undefined || isIP(address) === 0) {
    throw badUsage(`'${text}' is no address with a port: give one such as 127.0.0.1:80 or [::1]:80.`)
  }
  return { address, port: parsePort(match[3] ?? '') }
}

/** How many clients. Throws bad usage outside 1 to 65,536. */
export function parseClients(text: string): number {
  const clients = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (clients < 1 || clients > 65_536) throw badUsage(`'${text}' is no number of clients: give one from 1 to 65536.`)
  return clients
}

/** "4", "4s" in milliseconds. Throws bad usage outside 0 to 600 s. */
export function parseSeconds(text: string): number {
  const match = /^(\d{1,3}(?:\.\d+)?)s?$/.exec(text)
  const milliseconds = match === null ? Number.NaN : Math.round(1000 * Number(match[1]))
  if (!(milliseconds <= 600_000)) throw badUsage(`'${text}' is no time: give seconds from 0 to 600, such as 4s.`)
  return milliseconds
}

/** The name of an interface: at most 15 characters (IFNAMSIZ). */
export function parseInterfaceName(text: string): string {
  if (text === '' || text.length > 15) throw badUsage(`'${text}' is no interface: a name has from 1 to 15 characters.`)
  return text
}

/** The filters as the command line gives them. */
export type Filters = {
  protocol?: Protocol
  port?: number
  netns?: string
  user?: string
  sharing?: Sharing
  all?: boolean
}

/** The engine's own selection. Asking for plain sockets by `--sharing none` shows them without `--all`. */
export function selectionOf(filters: Filters): Selection {
  const { protocol, port, netns, user, sharing } = filters
  return {
    ...(protocol === undefined ? {} : { protocol }),
    ...(port === undefined ? {} : { port }),
    ...(netns === undefined ? {} : { netns }),
    ...(user === undefined ? {} : { user }),
    ...(sharing === undefined ? {} : { sharing }),
    all: filters.all === true || sharing === 'none',
  }
}
