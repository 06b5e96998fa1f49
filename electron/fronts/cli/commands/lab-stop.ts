/** `lab stop ID`: closes test listeners. */
import type { Context } from '../context.ts'
import { usageError } from '../failure.ts'
import { pluralize } from '../format.ts'

/** Closes one lab, or all of this user's. Usage error where neither or both are given. */
export async function labStop(
  id: string | undefined,
  { all }: { readonly all?: boolean },
  { terminal, connect }: Context,
): Promise<void> {
  if ((id === undefined) === (all !== true)) throw usageError('Give either a lab id or --all.')
  const client = await connect()
  const ids = id === undefined ? (await client.lab.changes({})).labs.map((lab) => lab.id) : [id]
  for (const each of ids) await client.lab.stop({ id: each })
  terminal.writeError(`${pluralize(ids.length, 'lab')} closed.\n`)
}
