/** The options of the commands that list groups or sockets, with the letters of ss(8). */
import { isIP } from 'node:net'
import { type Command, Option } from 'commander'
import type { Selection } from '../../../contract/contract.ts'
import { usageError } from '../failure.ts'
import { type Filters, parseCodes, parseCount, parseName, selectionOf } from '../option-values.ts'
import { filterOption, filters } from '../options.ts'
import { parsePortReference } from '../port-reference.ts'

const OUTPUTS = ['table', 'wide', 'json', 'ndjson', 'csv', 'tsv', 'yaml'] as const
type Output = (typeof OUTPUTS)[number]

export type PortRanges = readonly (readonly [from: number, to: number])[]

export type ListOptions = Omit<Filters, 'port'> & {
  readonly port?: PortRanges
  readonly tcp?: boolean
  readonly udp?: boolean
  readonly ipv4?: boolean
  readonly ipv6?: boolean
  readonly listening?: boolean
  readonly address?: string
  readonly pid?: number
  readonly command?: string
  readonly unit?: string
  readonly finding?: readonly string[]
  readonly owners: boolean
  /** Milliseconds to count what members are given. */
  readonly for?: number
  readonly json?: boolean
  readonly output?: Output
  readonly columns?: string
  readonly sort?: string
  readonly extended?: boolean
  /** False where -H is given. */
  readonly header: boolean
}

/** Adds the options. */
export function lists(command: Command): Command {
  return filters(command, parsePortRanges)
    .option('-t, --tcp', 'only TCP')
    .option('-u, --udp', 'only UDP')
    .option('-4, --ipv4', 'only IPv4')
    .option('-6, --ipv6', 'only IPv6')
    .option('-l, --listening', 'only what receives from any client')
    .addOption(new Option('--address <ADDRESS>', 'only this local address, or prefix').argParser(parsePrefix))
    .addOption(new Option('--pid <PID>', 'only what this process holds').argParser(parseCount))
    .addOption(new Option('--command <NAME>', 'only what processes of this name hold').argParser(parseName))
    .addOption(new Option('--unit <NAME>', 'only what this systemd unit or container holds').argParser(parseName))
    .addOption(new Option('--finding <CODES>', 'only groups with one of these findings').argParser(parseCodes))
    .addOption(filterOption())
    .addOption(new Option('-o, --output <FORMAT>', 'format: a table by default').choices(OUTPUTS).conflicts('json'))
    .option('--columns <NAMES>', 'these columns, or changes such as +uid,-id; help lists them')
    .option('--sort <COLUMN>', 'by this column; -COLUMN: the largest first')
    .option('-e, --extended', 'more columns')
    .option('-H, --no-header', 'no line with the names of the columns')
    .addOption(new Option('-n, --numeric').hideHelp())
    .addOption(new Option('-p, --processes').hideHelp())
}

/** The engine's selection. */
export function listSelection(options: ListOptions): Selection {
  const { port, tcp, udp, ipv4, ipv6, listening, address, pid, command, unit, ...given } = options
  const protocol = tcp === udp ? given.protocol : tcp === true ? 'tcp' : 'udp'
  const single = singlePort(options)
  return {
    ...selectionOf({ ...given, ...(protocol !== undefined && { protocol }), ...(single !== null && { port: single }) }),
    ...(port !== undefined && single === null && { ports: port.map(([from, to]): [number, number] => [from, to]) }),
    ...(ipv4 !== ipv6 && { family: ipv4 === true ? ('ipv4' as const) : ('ipv6' as const) }),
    ...(listening === true && { receiving: true }),
    ...(address !== undefined && { address }),
    ...(pid !== undefined && { pid }),
    ...(command !== undefined && { command }),
    ...(unit !== undefined && { service: unit }),
  }
}

/** The port, where the options name only one. */
export function singlePort({ port }: Pick<ListOptions, 'port'>): number | null {
  const [first, ...others] = port ?? []
  return first !== undefined && others.length === 0 && first[0] === first[1] ? first[0] : null
}

/** Whether any filter is given. */
export function isFiltered(options: ListOptions): boolean {
  const { all: _, ...selection } = listSelection(options)
  return Object.keys(selection).length > 0 || options.finding !== undefined
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

function parsePrefix(text: string): string {
  const [address = '', length = '0', ...rest] = text.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  if (rest.length > 0 || address.includes('%') || !/^\d{1,3}$/.test(length) || Number(length) > bits)
    throw usageError(`'${text}' is not an address or prefix: use one such as 127.0.0.1, 10.0.0.0/8 or 2001:db8::/32.`)
  return text
}
