/** The exit statuses of the terminal program. `npm run generate` writes assets/reference/exit-status.md from them. */

/**
 * As in grep(1) and diff(1), 1 is an answer and not a failure: a script can tell that something was found from not
 * knowing. Wrong usage and failures have one status each, because only a failure may be worth another try.
 */
export const ExitStatus = {
  /** The command did what it was asked to do, and found nothing that has a status. */
  Success: 0,
  /** The command found what FOUND says. Anything found counts, even where the rest could not be read. */
  Found: 1,
  /** The command line is wrong. Nothing was done. */
  Usage: 2,
  /** The command failed, or its answer is incomplete. The reason is on standard error. */
  Failed: 3,
  /** The host of --host or --via could not be reached, or the connection to it was lost. */
  Unreachable: 4,
} as const
export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus]

/** What each status means, in a few words. */
export const EXIT_STATUS_MEANINGS: Readonly<Record<ExitStatus, string>> = {
  [ExitStatus.Success]: 'success',
  [ExitStatus.Found]: 'a problem or a difference was found',
  [ExitStatus.Usage]: 'invalid usage',
  [ExitStatus.Failed]: 'the command failed, or something could not be read',
  [ExitStatus.Unreachable]: 'another host could not be reached, or the connection to it was lost',
}

/** The commands that exit with ExitStatus.Found, and when. */
export const FOUND = {
  check: 'an assertion does not hold',
  during: 'connections or datagrams were lost',
  findings: 'a listed finding is critical, or as severe as --fail-on says',
  path: 'the kernel lookup disagrees with the computed path',
  diff: 'something changed and --exit-code is given',
  doctor: 'something cannot be seen at all and there is a way to see it',
  'lab run': 'a check fails',
} as const

/** The line about status 1 at the foot of a command's help. */
export function foundHelp(command: keyof typeof FOUND): string {
  return `\nExit status: ${ExitStatus.Found} if ${FOUND[command]}.\n`
}

/** The line about all statuses at the foot of the program's help. */
export const EXIT_STATUS_HELP = `\nExit status: ${Object.entries(EXIT_STATUS_MEANINGS)
  .map(([status, meaning]) => `${status} ${meaning}`)
  .join('; ')}.\n`
