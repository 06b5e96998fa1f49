/** The commands for the list of other hosts, which the window shares. */
import type { Command } from 'commander'
import type { Context } from './context.ts'
import { parseHost, parseVia } from './option-values.ts'
import { examples } from './options.ts'

/** Adds `host` and its subcommands. */
export function registerHost(program: Command, context: Context): void {
  const host = program
    .command('host')
    .description('the other hosts that --host and the window know')
    .addHelpText(
      'after',
      examples(
        [
          'reuseport-inspector host list',
          'hosts that were added, connected before, or are in the ssh configuration, and containers',
        ],
        ["reuseport-inspector host add web7-root --via 'ssh web7 sudo -n sh'", 'name a command that starts a shell'],
        ['reuseport-inspector groups --host web7-root', 'and use it'],
      ),
    )

  host
    .command('list')
    .description('list the known hosts')
    .option('--json', 'print `{ "hosts": […] }` as JSON')
    .addHelpText('after', examples(['reuseport-inspector host list', 'every host, and how it is reached']))
    .action(async (options: { json?: boolean }) => (await import('./commands/host.ts')).hostList(options, context))

  host
    .command('add')
    .description('add a host to the list, or change how it is reached')
    .argument('<HOST>', 'its name: one that ssh knows, or any name with --via', parseHost)
    .option('--via <COMMAND>', "the command that starts a shell there, such as 'ssh web7 sudo -n sh'", parseVia)
    .addHelpText(
      'after',
      examples(
        ['reuseport-inspector host add deploy@web7', 'a host for ssh'],
        ["reuseport-inspector host add web7-root --via 'ssh web7 sudo -n sh'", 'a host as root'],
        ['reuseport-inspector host add kubectl:shop/web-0/app', 'a container of a pod'],
      ),
    )
    .action(async (name: string, options: { via?: string }) =>
      (await import('./commands/host.ts')).hostAdd(name, options, context),
    )

  host
    .command('remove')
    .description('remove a host from the list; one in the ssh configuration stays there')
    .argument('<HOST>', 'its name', parseHost)
    .addHelpText('after', examples(['reuseport-inspector host remove canary', 'forget how it is reached']))
    .action(async (name: string) => (await import('./commands/host.ts')).hostRemove(name, context))

  host
    .command('clean')
    .description('remove what this program put on a host')
    .argument('<HOST>', 'its name', parseHost)
    .addHelpText('after', examples(['reuseport-inspector host clean web7', 'engines of all versions']))
    .action(async (name: string) => (await import('./commands/host.ts')).hostClean(name, context))
}
