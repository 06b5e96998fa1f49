/** `lab list`: the test listeners of this user, also those that another program started. */
import type { Context } from '../context.ts'
import { printJson } from '../json.ts'
import { print } from '../terminal.ts'

export async function labList(options: { readonly json?: boolean }, { terminal, connect }: Context): Promise<void> {
  const client = await connect()
  const { labs } = await client.lab.changes({})
  if (options.json === true) return printJson(terminal, labs)
  const { labsPage } = await import('../pages/lab-page.ts')
  await print(terminal, labsPage(labs, terminal.width, new Date()))
}
