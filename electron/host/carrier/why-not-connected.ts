/** Why there is no connection to an engine at the other end, in the other side's own words where it has any. */
import { version } from '../../../package.json'
import { type Greeting, type MarkedLine, PROTOCOL } from '../wire/greeting.ts'
import { Unreachable } from '../wire/unreachable.ts'
import { BootstrapFailure, explainFailure } from './bootstrap.ts'
import type { Carrier } from './carrier.ts'
import { type CarrierProcess, oneLine } from './carrier-process.ts'

function notConnected({ name }: Carrier, cause: string, hint: string): Unreachable {
  return new Unreachable({ operation: `connecting to ${name}`, cause, hint })
}

/** No greeting within the time limit. */
export function tooLate(carrier: Carrier, { messages }: CarrierProcess, timeoutMs: number): Unreachable {
  const cause = `no engine answered within ${timeoutMs / 1000} s`
  return notConnected(
    carrier,
    messages === '' ? cause : `${cause} (${messages})`,
    'Login files there may start something that waits.',
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
    const { cause, hint } = explainFailure(failure, version)
    return notConnected(carrier, cause, hint)
  }
  if (!ended) return notConnected(carrier, 'its greeting is not readable', 'Something there changes the output.')
  // Where the output did not end but was too long, this ends it.
  await command.end()
  const { status } = await command.exited
  const words = [command.messages, oneLine(noise)].filter((text) => text !== '').join(' / ')
  const hint = carrier.trial === null ? 'The command must start a `sh` there.' : `Try \`${carrier.trial}\`.`
  // 255 is ssh's own failure, 127 a shell's that did not find the command; both say more themselves (ssh(1), sh(1)).
  const cause =
    status === 255 || status === 127
      ? words
      : `its shell ended without starting an engine${words === '' ? '' : ` (${words})`}`
  return notConnected(carrier, cause === '' ? `the command failed with status ${status}` : cause, hint)
}
