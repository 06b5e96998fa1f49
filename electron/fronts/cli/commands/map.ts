/** `map`: how thousands of clients are distributed over the members. */
import type { MapRequest } from '../../../contract/analysis.ts'
import type { Context } from '../context.ts'
import { printAnswer } from '../json.ts'
import { print } from '../terminal.ts'

export async function map(options: MapRequest & { json?: boolean }, context: Context): Promise<void> {
  const { terminal, connect } = context
  const { json, ...question } = options
  const answer = await (await connect()).steering.map(question)
  if (json === true) return printAnswer(context, 'map', answer)
  const { mapPage } = await import('../pages/map-page.ts')
  await print(terminal, mapPage(answer, terminal.width))
}
