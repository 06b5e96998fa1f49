/** Options that several commands share, and the layout of their examples. */
import { type Command, Option } from 'commander'
import { PROTOCOLS, SHARINGS } from '../../contract/values.ts'
import { type Carrier, commandCarrier } from '../../host/carrier/carrier.ts'
import { parseAddresses, parseCount, parseCountTime, parseFilterText, parseHost, parseName } from './option-values.ts'
import { parsePortRanges } from './port-reference.ts'

/** Adds the options for what a command reads: another host in place of this machine. */
export function hosts(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--host <HOST>',
        'read another host: a name that ssh knows, USER@HOST, docker:NAME, or one of `host add`',
      ).argParser(parseHost),
    )
    .addOption(
      new Option(
        '--via <COMMAND>',
        "read where this command starts a shell, such as 'docker exec -i web sh'",
      ).conflicts('host'),
    )
}

export type HostOptions = { readonly host?: string; readonly via?: string }

/** How to reach the host of these options; null for this machine. Rejects where the list of hosts cannot be read. */
export async function carrierOf({ host, via }: HostOptions): Promise<Carrier | null> {
  if (via !== undefined) return commandCarrier(via)
  if (host === undefined) return null
  const [{ carrierTo }, { HostsFile }] = await Promise.all([
    import('../../host/hosts/known-hosts.ts'),
    import('../../host/hosts/hosts-file.ts'),
  ])
  return carrierTo(host, new HostsFile())
}

/** Adds the options that filter by the key of a group, and for the host that has it: what files and events have too. */
export function keyFilters(command: Command): Command {
  return hosts(command)
    .addOption(protocolOption())
    .option('-t, --tcp', 'only TCP')
    .option('-u, --udp', 'only UDP')
    .option('-4, --ipv4', 'only IPv4')
    .option('-6, --ipv6', 'only IPv6')
    .addOption(new Option('--port <PORTS>', 'only these ports: 443, 80,8000-8100, http').argParser(parsePortRanges))
    .addOption(new Option('--address <ADDRESS>', 'only this local address, or prefix').argParser(parseAddresses))
    .addOption(netnsOption())
    .addOption(new Option('--user <USER>', 'only sockets of this user, by name or uid').argParser(parseName))
    .addOption(new Option('--sharing <HOW>', 'only groups that share their port in this way').choices(SHARINGS))
}

/** Adds the options that filter the groups of a machine. */
export function filters(command: Command): Command {
  return keyFilters(command)
    .option('-l, --listening', 'only what receives from any client')
    .addOption(new Option('--pid <PID>', 'only what this process holds').argParser(parseCount))
    .addOption(new Option('--command <NAME>', 'only what processes of this name hold').argParser(parseName))
    .addOption(new Option('--unit <NAME>', 'only what this systemd unit or container holds').argParser(parseName))
}

/** The filter language; the hook before a command checks it (program.ts). */
export function filterOption(): Option {
  return new Option(
    '--filter <TERMS>',
    "only groups that match, in the window's filter language: 'unit:nginx.service queue:>50%'",
  ).argParser(parseFilterText)
}

export function protocolOption(): Option {
  return new Option('--protocol <PROTOCOL>', 'only this protocol').choices(PROTOCOLS)
}

export function netnsOption(): Option {
  return new Option('--netns <NAME>', 'only this network namespace, by name or inode').argParser(parseName)
}

/** Counting takes time, so single readings count only on request. */
export function countOption(): Option {
  return new Option(
    '--for <TIME>',
    'first count for this long what members are given (as root), such as 5s or 1m',
  ).argParser(parseCountTime)
}

/** The examples at the foot of a command's help. */
export function examples(...list: (readonly [command: string, meaning: string])[]): string {
  return `\nExamples:\n${list.map(([command, meaning]) => `  # ${meaning}\n  ${command}\n`).join('')}`
}
