/** `probe`: which member one client reaches. */
import type { Flow } from '../../../contract/analysis.ts'
import type { Context } from '../context.ts'
import { printAnswerOrPage } from '../json.ts'

export async function probe({ json, ...flow }: Flow & { json?: boolean }, context: Context): Promise<void> {
  const answer = await (await context.connect()).steering.probe(flow)
  await printAnswerOrPage(context, { kind: 'probe', json, answer }, async (answer, width) => {
    const { probePage } = await import('../pages/probe-page.ts')
    return probePage(answer, Math.min(width, 100))
  })
}
