/** `port`: everything about one port, and whether another bind would succeed. */
import type { PortRequest } from '../../../contract/port.ts'
import type { Context } from '../context.ts'
import { usageError } from '../failure.ts'
import { printAnswer } from '../json.ts'
import type { PortReference } from '../port-reference.ts'
import { print, printError } from '../terminal.ts'

export type PortOptions = Pick<PortRequest, 'netns' | 'protocol'> & { readonly json?: boolean }

/** Throws a usage error where the reference and --protocol name two protocols. */
export async function port(reference: PortReference, options: PortOptions, context: Context): Promise<void> {
  const { terminal, connect } = context
  const { json, ...question } = options
  if (reference.protocol !== undefined && question.protocol !== undefined && reference.protocol !== question.protocol) {
    throw usageError(`The port is named for ${reference.protocol}, and --protocol is ${question.protocol}.`)
  }
  const client = await connect()
  const use = await client.machine.port({ ...question, ...reference })
  if (json === true) return printAnswer(context, 'port', use)
  const { portPage } = await import('../pages/port-page.ts')
  const { namespaces, host } = await client.machine.about()
  await print(terminal, portPage(use, { namespaces, uid: host.uid }, terminal.width))
}

/**
 * One sentence on standard error where a port has no groups: an empty list looks as if the port were free. Prints
 * nothing where no socket uses the port and every socket that could is visible.
 */
export async function warnPortInUse(
  number: number,
  { netns, protocol }: Pick<PortOptions, 'netns' | 'protocol'>,
  { terminal, connect }: Context,
): Promise<void> {
  const question = { port: number, ...(netns !== undefined && { netns }), ...(protocol !== undefined && { protocol }) }
  const use = await (await connect()).machine.port(question)
  if (use.holders.length > 0 || use.limitations.length > 0)
    printError(terminal, `${use.summary} \`port ${number}\` shows details.`)
}
