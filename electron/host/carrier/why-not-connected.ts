/** Why there is no connection to an engine at the other end, in the other side's own words where it has any. */
import { version } from '../../../package.json'
import { type Greeting, type MarkedLine, PROTOCOL } from '../wire/greeting.ts'
import { Unreachable } from '../wire/unreachable.ts'
import { BootstrapFailure, explainFailure } from './bootstrap.ts'
import type { Carrier } from './carrier.ts'
import { type CarrierProcess, oneLine } from './carrier-process.ts'

function notConnected({ name }: Carrier, cause: string, hint: string, said = ''): Unreachable {
  return new Unreachable({ operation: `connecting to ${name}`, cause, hint }, said === '' ? null : said)
}

/** No greeting within the time limit. */
export function tooLate(carrier: Carrier, { messages }: CarrierProcess, timeoutMs: number): Unreachable {
  const cause = `no engine answered within ${timeoutMs / 1000} s`
  return notConnected(
    carrier,
    messages === '' ? cause : `${cause} (${messages})`,
    'Login files there may start something that waits.',
    messages,
  )
}

/** The engine is not one that this program can use; null where it is. */
export function whyNotThisOne(greeting: Greeting, contract: string, carrier: Carrier): Unreachable | null {
  if (greeting.protocol === PROTOCOL && greeting.contract === contract) return null
  const { cause, hint } = explainFailure({ failed: 'contract', text: greeting.version }, version)
  return notConnected(carrier, cause, hint)
}

/** What came in place of a greeting. Waits for the end of a command that has closed its output. */
export async function whyNoGreeting(
  { ended, message, noise }: MarkedLine,
  carrier: Carrier,
  command: CarrierProcess,
): Promise<Unreachable> {
  const failure = BootstrapFailure.safeParse(message).data
  if (failure !== undefined) {
    const { cause, hint } = carrier.explain?.(failure) ?? explainFailure(failure, version)
    return notConnected(carrier, cause, hint)
  }
  if (!ended) return notConnected(carrier, 'its greeting is not readable', 'Something there changes the output.')
  // Where the output did not end but was too long, this ends it.
  await command.end()
  const { status } = await command.exited
  const words = [command.messages, oneLine(noise)].filter((text) => text !== '').join(' / ')
  const trial = carrier.trial === null ? 'The command must start a `sh` there.' : `Try \`${carrier.trial}\`.`
  const { failures = FAILURES, advice = ADVICE } = carrier
  const advised = advice.find(([says]) => says.test(words))?.[1]
  const hint = advised === undefined ? trial : advice === ADVICE ? `${advised} ${trial}` : advised
  const cause =
    status !== null && failures.includes(status)
      ? words
      : `its shell ended without starting an engine${words === '' ? '' : ` (${words})`}`
  return notConnected(carrier, cause === '' ? `the command failed with status ${status}` : cause, hint, words)
}

/** 255 is ssh's own failure, 127 a shell's that did not find the command; both say more themselves (ssh(1), sh(1)). */
const FAILURES = [255, 127]

/** What to do about what ssh says (its own texts, in OpenSSH's sshconnect.c and sshconnect2.c). */
const ADVICE: NonNullable<Carrier['advice']> = [
  [/Permission denied \(publickey/, 'Add a key that the host accepts to your agent: `ssh-add FILE`.'],
  [/REMOTE HOST IDENTIFICATION HAS CHANGED/, 'Ask who runs the host whether its key was changed before you accept it.'],
  [/Could not resolve hostname/, 'Check the name, or give it a HostName in `~/.ssh/config`.'],
  [/Connection timed out|No route to host|Network is unreachable/, 'Check that this network reaches the host.'],
]

/**
 * Whether trying the same again by itself would do harm: the host counts failures (fail2ban), or is not the one that it
 * was.
 */
export function mustNotRepeat(said: string): boolean {
  return /Permission denied|Too many authentication failures|Host key verification failed/.test(said)
}
