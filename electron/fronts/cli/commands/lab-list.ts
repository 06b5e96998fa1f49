/** `lab list`: the test listeners of this user, including those that another program started. */
import type { Context } from '../context.ts'
import { ExitStatus } from '../exit-status.ts'
import { documentOf, printJson } from '../json.ts'
import { print, printError } from '../terminal.ts'

/** Failed where a lab does not respond: its listeners are missing from the list. */
export async function labList(options: { readonly json?: boolean }, context: Context): Promise<ExitStatus> {
  const { terminal, connect } = context
  const client = await connect()
  const { labs, unresponsive } = await client.lab.changes({})
  for (const id of unresponsive) {
    printError(
      terminal,
      `Lab ${id} does not respond: its program may be stopped. \`pkill -CONT -f 'reuseport-lab ${id}'\` resumes it, -KILL ends it.`,
    )
  }
  if (options.json === true) await printJson(terminal, documentOf('labs', { labs, unresponsive }))
  else {
    const { labsPage } = await import('../pages/lab-page.ts')
    await print(terminal, labsPage(labs, unresponsive.length > 0, terminal.width, new Date()))
  }
  return unresponsive.length > 0 ? ExitStatus.Failed : ExitStatus.Success
}
