/** Options that several commands share, and the layout of their examples. */
import { type Command, Option } from 'commander'
import { PROTOCOLS, SHARINGS } from '../../contract/values.ts'
import { parseName, parsePort } from './option-values.ts'

/** Adds the options that filter groups. */
export function filters(command: Command): Command {
  return command
    .addOption(protocolOption())
    .addOption(new Option('--port <PORT>', 'only this port').argParser(parsePort))
    .addOption(netnsOption())
    .addOption(new Option('--user <USER>', 'only sockets of this user, by name or uid').argParser(parseName))
    .addOption(new Option('--sharing <HOW>', 'only groups that share their port in this way').choices(SHARINGS))
}

export function protocolOption(): Option {
  return new Option('--protocol <PROTOCOL>', 'only this protocol').choices(PROTOCOLS)
}

export function netnsOption(): Option {
  return new Option('--netns <NAME>', 'only this network namespace, by name or inode').argParser(parseName)
}

/** The examples at the foot of a command's help. */
export function examples(...list: (readonly [command: string, meaning: string])[]): string {
  return `\nExamples:\n${list.map(([command, meaning]) => `  # ${meaning}\n  ${command}\n`).join('')}`
}
