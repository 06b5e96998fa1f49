/** `probe`: which member one client reaches. */
import type { Flow } from '../../../contract/analysis.ts'
import type { Context } from '../context.ts'
import { printJson } from '../json.ts'
import { print } from '../terminal.ts'

export async function probe(options: Flow & { json?: boolean }, { terminal, connect }: Context): Promise<void> {
  const { json, ...flow } = options
  const answer = await (await connect()).steering.probe(flow)
  if (json === true) return printJson(terminal, answer)
  const { probePage } = await import('../pages/probe-page.ts')
  await print(terminal, probePage(answer, Math.min(terminal.width, 100)))
}
