/** `map`: how thousands of clients are spread over the members. */
import type { MapQuestion } from '../../../contract/analysis.ts'
import type { Context } from '../context.ts'
import { printJson } from '../json.ts'
import { print } from '../terminal.ts'

export async function map(options: MapQuestion & { json?: boolean }, { terminal, connect }: Context): Promise<void> {
  const { json, ...question } = options
  const answer = await (await connect()).steering.map(question)
  if (json === true) return printJson(terminal, answer)
  const { mapPage } = await import('../pages/map-page.ts')
  await print(terminal, mapPage(answer, terminal.width))
}
