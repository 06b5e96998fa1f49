/** What root sees on this machine: pkexec or sudo starts an engine that only reads beside this program. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { version } from '../../../package.json'
import { ROOT_HERE } from '../../contract/constants.ts'
import { Unreachable } from '../wire/unreachable.ts'
import { type Carrier, IGNORE_INTERRUPT } from './carrier.ts'

/** What there is to become root with on this machine. */
export type WaysToRoot = {
  readonly sudo: boolean
  /** pkexec, with what the package installs for it. */
  readonly pkexec: boolean
  /** Someone sits in front of it: a program of the desktop asks for pkexec. */
  readonly desktop: boolean
}

/** What the package installs: it is all that our action of polkit lets pkexec start. */
const ROOT_ENGINE = '/usr/lib/reuseport-inspector/root-engine'

/**
 * Nothing of the person's environment reaches the shell of root: not a PATH with programs that the person can change, not
 * a XDG_CACHE_HOME for the engine. `-H` is root's home directory.
 */
const CLEAN =
  'exec /usr/bin/env -i HOME="$HOME" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /bin/sh'

const ADMINISTRATOR =
  'Ask who administers this machine to allow it for you, or to start `reuseport-inspector serve` as root.'

const SUDO: Carrier = {
  name: ROOT_HERE,
  shellArguments: [
    '-c',
    `${IGNORE_INTERRUPT}; exec "$@"`,
    'sh',
    ...['sudo', '-A', '-H', '-u', 'root', '--', '/bin/sh', '-c', CLEAN],
  ],
  trial: 'sudo true',
  viewOnly: true,
  // sudo(8), EXIT VALUE; and sh(1) where it is not found.
  failures: [1, 127],
  explain: ({ failed }) =>
    failed === 'missing'
      ? {
          cause: 'no reuseport-inspector is installed where root looks for programs',
          hint: `Install the package of version ${version}, or start \`serve\` as root.`,
        }
      : null,
  // Its own texts, in sudo's plugins/sudoers.
  advice: [
    [/not in the sudoers file|is not allowed to (execute|run)/, ADMINISTRATOR],
    [/incorrect password attempt/, 'Try again. It is the password that sudo asks for in a terminal: mostly your own.'],
    [/no password was provided|a password is required/, 'Try again, and answer the question.'],
    [
      /must have a tty/,
      'Remove `requiretty` from the sudoers file, or start `sudo reuseport-inspector serve` yourself.',
    ],
    [
      /no new privileges|effective uid is not 0|must be owned by uid 0/,
      'Start this program outside of what refuses more permissions: a container, a sandbox, NoNewPrivileges= of systemd.',
    ],
  ],
}

/** polkit asks through the desktop, for an administrator's password: the user need not be one. */
const PKEXEC: Carrier = {
  name: ROOT_HERE,
  shellArguments: ['-c', `${IGNORE_INTERRUPT}; exec "$@"`, 'sh', 'pkexec', '--disable-internal-agent', ROOT_ENGINE],
  isEngine: true,
  trial: null,
  viewOnly: true,
  // pkexec(1), RETURN VALUE; 2 of ROOT_ENGINE.
  failures: [2, 126, 127],
  // Its own texts, in polkit's pkexec.c.
  advice: [
    [/Request dismissed/, 'Try again, and answer the question of the desktop.'],
    [
      /No authentication agent found|No session for/,
      'Nothing on this desktop asks for passwords: install its polkit agent, or start `sudo reuseport-inspector serve` yourself.',
    ],
    [/Not authorized/, ADMINISTRATOR],
    [/must be setuid root/, 'Start this program outside of what refuses more permissions: a container, a sandbox.'],
  ],
}

/** `via`: what starts root's engine. `carrier` throws Unreachable where nothing can. */
export type WayToRoot = { readonly via: 'sudo' | 'pkexec'; readonly carrier: () => Carrier }

/** How root's engine is started. */
export function wayToRoot(ways = waysToRoot()): WayToRoot {
  if (ways.pkexec && (ways.desktop || !ways.sudo)) return { via: 'pkexec', carrier: () => PKEXEC }
  if (ways.sudo) return { via: 'sudo', carrier: () => SUDO }
  return {
    via: 'sudo',
    carrier: () => {
      throw new Unreachable({
        operation: `connecting to ${ROOT_HERE}`,
        cause: 'sudo is not installed',
        hint: 'Install sudo, or start `reuseport-inspector serve` as root.',
      })
    },
  }
}

function waysToRoot({ env } = process): WaysToRoot {
  return {
    sudo: isOnPath('sudo'),
    pkexec: isOnPath('pkexec') && isExecutable(ROOT_ENGINE),
    // Over ssh, windows may be here and the person elsewhere.
    desktop: Boolean(env.DISPLAY || env.WAYLAND_DISPLAY) && !env.SSH_CONNECTION,
  }
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, program)))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
