/** `doctor`: what this user can and cannot see here, and how to see more. */
import type { Context } from '../context.ts'
import { ExitStatus } from '../exit-status.ts'
import { documentOf, printJson } from '../json.ts'
import { print } from '../terminal.ts'

/** Prints the checks. Found where something cannot be seen at all and there is a way to see it. */
export async function doctor(options: { json?: boolean }, { terminal, connect }: Context): Promise<ExitStatus> {
  const client = await connect()
  const answer = await client.machine.capabilities()
  if (options.json === true) {
    await printJson(terminal, documentOf('doctor', answer))
  } else {
    const { doctorPage } = await import('../pages/doctor-page.ts')
    await print(terminal, doctorPage(answer, Math.min(terminal.width, 100)))
  }
  return answer.checks.some((check) => check.state === 'no' && check.hint !== null)
    ? ExitStatus.Found
    : ExitStatus.Success
}
