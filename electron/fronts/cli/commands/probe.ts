/** `probe`: which member one client reaches. */
import type { Flow } from '../../../contract/analysis.ts'
import type { Context } from '../context.ts'
import { printAnswer } from '../json.ts'
import { print } from '../terminal.ts'

export async function probe(options: Flow & { json?: boolean }, context: Context): Promise<void> {
  const { terminal, connect } = context
  const { json, ...flow } = options
  const answer = await (await connect()).steering.probe(flow)
  if (json === true) return printAnswer(context, 'probe', answer)
  const { probePage } = await import('../pages/probe-page.ts')
  await print(terminal, probePage(answer, Math.min(terminal.width, 100)))
}
