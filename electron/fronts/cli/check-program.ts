/** The command `check`, with its options and examples. */
import { type Command, Option } from 'commander'
import { SHARINGS } from '../../contract/values.ts'
import { parseMemberRange, parseRatio, parseShare } from './check/check-values.ts'
import type { Context } from './context.ts'
import { type ExitStatus, foundHelp } from './exit-status.ts'
import { durationParser, parseName } from './option-values.ts'
import { examples, hosts, netnsOption, protocolOption } from './options.ts'

export function registerCheck(program: Command, context: Context, end: (status: ExitStatus) => void): void {
  const time = durationParser('0s', '1h')
  hosts(program.command('check'))
    .description('assert what must be true of a group, for scripts and monitoring')
    .argument('[GROUP]', 'a group id or a prefix of at least 4 digits, or an endpoint such as :443 or tcp:[::]:443')
    .addOption(
      new Option('-f, --file <FILE>', 'the checks in this YAML file; - for standard input').conflicts([
        'members',
        'sharing',
        'oneGroup',
        'sameUnit',
        'owner',
        'maxImbalance',
        'maxQueue',
      ]),
    )
    .addOption(
      new Option('--members <N>', 'members that receive: 8, 4..8, 4.. or ..8; 0 or 0..8: there may be none').argParser(
        parseMemberRange,
      ),
    )
    .addOption(new Option('--sharing <HOW>', 'how the members share the port').choices(SHARINGS))
    .option('--one-group', 'exactly one group matches')
    .option('--same-unit', 'processes of one systemd unit or container hold all members')
    .addOption(new Option('--owner <COMMAND>', 'only processes of this command hold members').argParser(parseName))
    .addOption(
      new Option(
        '--max-imbalance <RATIO>',
        'the busiest member divided by the mean, at most: of what members were given where that is counted, or else of queues',
      ).argParser(parseRatio),
    )
    .addOption(new Option('--max-queue <SHARE>', 'the fullest queue, at most: 50% or 0.5').argParser(parseShare))
    .option('--no-drops', 'no drops while it is watched, at least a second')
    .addOption(new Option('--for <TIME>', 'everything must hold for this long').argParser(time))
    .addOption(new Option('--wait <TIME>', 'wait at most this long until everything holds').argParser(time))
    .addOption(protocolOption())
    .addOption(netnsOption())
    .addOption(new Option('--json', 'print the result as JSON').conflicts(['nagios', 'junit']))
    .addOption(new Option('--nagios', 'be a monitoring plugin: one line, and its exit statuses').conflicts('junit'))
    .option('--junit', 'print JUnit XML')
    .addHelpText(
      'after',
      `${examples(
        [
          'reuseport-inspector check :443 --members 8 --sharing reuseport --wait 30s',
          'after a deploy: wait for 8 members',
        ],
        ['reuseport-inspector check tcp:0.0.0.0:80 --no-drops --max-queue 50% --for 10s', 'healthy for ten seconds?'],
        ['reuseport-inspector check -f checks.yaml --junit > report.xml', 'many checks, for CI'],
        ['reuseport-inspector check :53 --members 4.. --nagios', 'for monitoring'],
      )}${foundHelp('check')}
With --nagios: 0 OK, 2 CRITICAL, 3 UNKNOWN.
`,
    )
    .action(async (group: string | undefined, options) =>
      end(await (await import('./commands/check.ts')).check(group, options, context)),
    )
}
