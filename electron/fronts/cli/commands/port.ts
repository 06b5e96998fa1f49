/** `port`: what uses a port, and whether another bind would succeed. */
import type { PortRequest } from '../../../contract/analysis.ts'
import type { Context } from '../context.ts'
import { printAnswer } from '../json.ts'
import { print, printError } from '../terminal.ts'

export type PortOptions = Omit<PortRequest, 'port'> & { readonly json?: boolean }

export async function port(number: number, options: PortOptions, context: Context): Promise<void> {
  const { terminal, connect } = context
  const { json, ...question } = options
  const client = await connect()
  const use = await client.machine.port({ port: number, ...question })
  if (json === true) return printAnswer(context, 'port', use)
  const { portPage } = await import('../pages/port-page.ts')
  const { namespaces } = await client.machine.about()
  await print(terminal, portPage(use, namespaces, terminal.width))
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
