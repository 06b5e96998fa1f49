/** `balance GROUP`: how evenly the load is distributed, and why not. */
import type { Context } from '../context.ts'
import { parseGroupReference } from '../group-reference.ts'
import { printAnswer } from '../json.ts'
import type { Filters } from '../option-values.ts'
import { print } from '../terminal.ts'
import { findGroup } from './show.ts'

export type BalanceOptions = Pick<Filters, 'protocol' | 'netns'> & {
  readonly json?: boolean
  readonly clients: number /** Milliseconds to count. */
  readonly for: number
}

export async function balance(text: string, options: BalanceOptions, context: Context): Promise<void> {
  const { terminal, core, connect } = context
  const reference = parseGroupReference(text)
  const { group } = await findGroup(text, reference, { ...options, owners: false }, await core(), 'balance')
  const client = await connect()
  const answer = await client.group.balance({ id: group.id, clients: options.clients, countMs: options.for })
  if (options.json === true) return printAnswer(context, 'balance', answer)
  const { balancePage } = await import('../pages/balance-page.ts')
  await print(terminal, balancePage(answer, terminal.width))
}
