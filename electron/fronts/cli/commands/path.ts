/** `path`: one packet, step by step. */
import type { Flow } from '../../../contract/analysis.ts'
import type { Context } from '../context.ts'
import { ExitStatus } from '../exit-status.ts'
import { printAnswer } from '../json.ts'
import { print } from '../terminal.ts'

/** Prints the path. Found where the kernel lookup disagrees with the computed path. */
export async function path(options: Flow & { json?: boolean }, context: Context): Promise<ExitStatus> {
  const { terminal, connect } = context
  const { json, ...flow } = options
  const answer = await (await connect()).steering.path(flow)
  if (json === true) await printAnswer(context, 'path', answer)
  else {
    const { pathPage } = await import('../pages/path-page.ts')
    await print(terminal, pathPage(answer, terminal.width))
  }
  return answer.agrees === false ? ExitStatus.Found : ExitStatus.Success
}
