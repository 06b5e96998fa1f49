/** `map`: how thousands of clients are distributed over the members. */
import type { MapRequest } from '../../../contract/analysis.ts'
import type { Context } from '../context.ts'
import { printAnswerOrPage } from '../json.ts'

export async function map({ json, ...question }: MapRequest & { json?: boolean }, context: Context): Promise<void> {
  const answer = await (await context.connect()).steering.map(question)
  await printAnswerOrPage(context, { kind: 'map', json, answer }, async (answer, width) => {
    const { mapPage } = await import('../pages/map-page.ts')
    return mapPage(answer, width)
  })
}
