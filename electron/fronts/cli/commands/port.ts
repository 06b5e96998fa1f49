/** `port`: everything about one port, and whether another bind would succeed. */
import type { PortRequest } from '../../../contract/port.ts'
import type { Context } from '../context.ts'
import { usageError } from '../failure.ts'
import { endpoint, protocolName } from '../format.ts'
import { printAnswer } from '../json.ts'
import type { PortReference } from '../port-reference.ts'
import { print, printError } from '../terminal.ts'

export type PortOptions = Pick<PortRequest, 'netns' | 'protocol'> & {
  readonly json?: boolean
  /** Milliseconds to count what members are given. */
  readonly for?: number
}

/** Throws a usage error where the reference and --protocol name two protocols. */
export async function port(reference: PortReference, options: PortOptions, context: Context): Promise<void> {
  const { terminal, core } = context
  const { json, for: countMs, ...question } = options
  if (reference.protocol !== undefined && question.protocol !== undefined && reference.protocol !== question.protocol) {
    throw usageError(`The port is named for ${reference.protocol}, and --protocol is ${question.protocol}.`)
  }
  const engine = await core()
  if (countMs !== undefined) {
    const selection = { all: false, port: reference.port }
    await engine.snapshot({ selection, owners: false, countMs })
  }
  const { use, namespaces, uid } = await engine.port({ ...question, ...reference })
  if (json === true) return printAnswer(context, 'port', use)
  const { portPage } = await import('../pages/port-page.ts')
  await print(terminal, portPage(use, { namespaces, uid }, terminal.width))
}

/**
 * One sentence on standard error where a port, or one address of it, has no groups: an empty list looks as if the port
 * were free. Names who takes the clients of an address to which no socket is bound. Prints nothing where no socket uses
 * the port and every socket that could is visible.
 */
export async function warnPortInUse(
  { port: number, address }: PortReference,
  { netns, protocol }: Pick<PortOptions, 'netns' | 'protocol'>,
  { terminal, core }: Context,
): Promise<void> {
  const question = {
    port: number,
    ...(address !== undefined && { address }),
    ...(netns !== undefined && { netns }),
    ...(protocol !== undefined && { protocol }),
  }
  const { use } = await (await core()).port(question)
  const takers = use.groups.filter(({ id }) =>
    use.reaches.some((reach) => reach.group === id && reach.address === address),
  )
  if (address !== undefined && takers.length > 0) {
    const names = takers.map((group) => `${protocolName(group)} ${endpoint(group)} (\`show ${group.id.slice(0, 8)}\`)`)
    const where = endpoint({ address, port: number, interface: null })
    printError(terminal, `No socket is bound to ${where} itself: its clients reach ${names.join(' and ')}.`)
  } else if (use.holders.length > 0 || use.limitations.length > 0)
    printError(terminal, `${use.summary} \`port ${number}\` shows details.`)
}
