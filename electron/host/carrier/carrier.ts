/** Carriers: commands that give a `sh` somewhere else, whose standard input and output then carry an engine's contract. */
import type { BootstrapFailure } from './bootstrap.ts'

export type Carrier = {
  /** For messages: the host, or the command. */
  readonly name: string
  /** The arguments of sh(1), which starts it. */
  readonly shellArguments: readonly string[]
  /** Its command is the engine itself, in place of a `sh`, and gets the marker of its greeting as the last argument. */
  readonly isEngine?: true
  /** Tries the same without the inspector; null where the command itself does. */
  readonly trial: string | null
  /** Exit statuses of its command when that fails itself: what it says then is the cause. Those of ssh and sh where absent. */
  readonly failures?: readonly number[]
  /** What to do about what its command says, the first that matches. That of ssh where absent. */
  readonly advice?: readonly (readonly [says: RegExp, advice: string])[]
  /** Cause and hint where its shell starts no engine; null: as for any host (bootstrap.ts). */
  readonly explain?: (failure: BootstrapFailure) => { readonly cause: string; readonly hint: string } | null
  /** The engine there only reads: it has more permissions than the person who asks it. */
  readonly viewOnly?: true
}

/**
 * Ctrl+C goes to every process of the terminal's foreground group: the command that was interrupted ends the connection
 * itself, after its last request. SIGINT stays ignored in whatever is executed (execve(2)), and ssh respects that.
 */
export const IGNORE_INTERRUPT = 'trap "" INT'

/**
 * Of ssh(1): no terminal, with compression, and nothing of the person's configuration that would start something else
 * or open a way back. Host, user, port, keys, agent, jumps and multiplexing stay those of the configuration.
 */
const SSH = [
  'ssh',
  '-T',
  '-C',
  ...[
    'RemoteCommand=none',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    'ForwardAgent=no',
    'ForwardX11=no',
    'ServerAliveInterval=10',
    'ServerAliveCountMax=3',
  ].flatMap((option) => ['-o', option]),
]

/**
 * How ssh connects. `unattended`: among others at the same time, so it asks nothing. `tookMs`: it worked before, in that
 * time; the next attempt may be the one that finds the link again, so none of them waits much longer than that.
 */
export type Attempt = 'first' | 'unattended' | { readonly tookMs: number }

const TIMEOUT_S = 15
const AGAIN_AT_LEAST_S = 4

function optionsOf(attempt: Attempt): string[] {
  const again = typeof attempt === 'object' ? Math.ceil((2 * attempt.tookMs) / 1000) : TIMEOUT_S
  const timeout = `ConnectTimeout=${Math.min(TIMEOUT_S, Math.max(AGAIN_AT_LEAST_S, again))}`
  return attempt === 'unattended' ? [timeout, 'BatchMode=yes'] : [timeout]
}

/** `host` as ssh(1) takes it, one that isSshHost accepts. The remote command is only `sh`: any login shell starts that. */
export function sshCarrier(host: string, attempt: Attempt = 'first'): Carrier {
  const options = optionsOf(attempt).flatMap((option) => ['-o', option])
  return {
    name: host,
    shellArguments: ['-c', `${IGNORE_INTERRUPT}; exec "$@"`, 'sh', ...SSH, ...options, '--', host, 'sh'],
    trial: `ssh ${host} true`,
  }
}

/** `command` as a line for sh(1): `docker exec -i web sh`. */
export function commandCarrier(command: string): Carrier {
  return { name: command, shellArguments: ['-c', `${IGNORE_INTERRUPT}; ${command}`], trial: null }
}

/**
 * Whether ssh would take it for a host and nothing else: not for an option, and without what a ProxyCommand's shell would
 * interpret (valid_hostname and valid_ruser in OpenSSH's ssh.c, since 9.6).
 */
export function isSshHost(text: string): boolean {
  return text !== '' && !text.startsWith('-') && !/[\s\p{Cc}'"`$\\;&<>|(){}]/u.test(text) && !text.includes('@-')
}
