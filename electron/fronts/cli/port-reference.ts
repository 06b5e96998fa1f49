/** How a user names a port: `8080`, `8080/udp`, `:http`, `127.0.0.1:53`, `[::1]:53`, `udp:53`. */
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { Protocol } from '../../contract/model.ts'
import { usageError } from './failure.ts'
import type { PortRanges } from './option-values.ts'

export type PortReference = { readonly port: number; readonly protocol?: Protocol; readonly address?: string }

const SERVICES = '/etc/services'
const FORMS = 'use a number from 1 to 65535, or a form such as 8080/udp, :http, 127.0.0.1:53 or [::1]:53'

/** Parses a reference. Throws a usage error for anything else. */
export function parsePortReference(text: string): PortReference {
  const match = /^(?:(tcp|udp):)?(?:(\[[^\]]*\]|[^:[\]/]*):)?([^:[\]/]+)(?:\/(tcp|udp))?$/i.exec(text)
  const [, before, host, name = '', after] = match ?? []
  if (match === null || (before !== undefined && after !== undefined))
    throw usageError(`'${text}' is not a port: ${FORMS}.`)
  const protocol = (before ?? after)?.toLowerCase() as Protocol | undefined
  const address = host?.replace(/^\[|\]$/g, '')
  const any = address === undefined || address === '' || address === '*'
  if (!any && isIP(address) === 0) throw usageError(`'${text}' is not a port: '${address}' is not an IP address.`)
  return {
    port: /^\d+$/.test(name) ? numbered(text, name) : servicePort(text, name, protocol),
    ...(protocol !== undefined && { protocol }),
    ...(!any && { address }),
  }
}

/** `443`, `80,8000-8100`, `http`: throws a usage error for anything else. */
export function parsePortRanges(text: string): PortRanges {
  return text.split(',').map((part) => {
    const [, from, to] = /^(\d+)-(\d+)$/.exec(part) ?? []
    const [first, last] = [from ?? part, to ?? part].map((name) => portOf(name, text))
    if (first === undefined || last === undefined || first > last)
      throw usageError(`'${text}' is not a range of ports: use 80, 80,443 or 8000-8100.`)
    return [first, last]
  })
}

function portOf(name: string, text: string): number {
  const { port, protocol, address } = parsePortReference(name)
  if (protocol !== undefined || address !== undefined)
    throw usageError(`'${text}' is not a port: use a number from 1 to 65535, several, a range, or a service.`)
  return port
}

function numbered(text: string, digits: string): number {
  const port = Number(digits)
  if (digits.length > 5 || port < 1 || port > 65535) throw usageError(`'${text}' is not a port: ${FORMS}.`)
  return port
}

/** The port of a service by name, as services(5) of this machine has it. */
function servicePort(text: string, name: string, protocol: Protocol | undefined): number {
  const port = portOfService(readServices(), name, protocol)
  if (port === null) throw usageError(`'${text}' is not a port: ${SERVICES} has no service '${name}'; ${FORMS}.`)
  return port
}

function readServices(): string {
  try {
    return readFileSync(SERVICES, 'utf8')
  } catch {
    return ''
  }
}

/** The port of a service, by name or alias, in the text of services(5); null where it has none. Exported for its tests. */
export function portOfService(services: string, name: string, protocol: Protocol | undefined): number | null {
  for (const text of services.split('\n')) {
    const [official, at, ...aliases] = text.replace(/#.*/, '').trim().split(/\s+/)
    const [number, of] = at?.split('/') ?? []
    if (of !== 'tcp' && of !== 'udp') continue
    if (protocol !== undefined && of !== protocol) continue
    if (official === name || aliases.includes(name)) return Number(number)
  }
  return null
}
