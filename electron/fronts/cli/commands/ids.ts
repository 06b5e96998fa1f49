/** `ids`: the groups, for shell completion: one per line, with id and endpoint. */
import { endpoint, protocolName } from '../../../contract/format.ts'
import type { Context } from '../context.ts'
import { shortIds } from '../group-reference.ts'
import { sanitize } from '../sanitize.ts'

/** The number of digits that `groups` shows. */
const DIGITS = 8

/** Prints them, id and endpoint separated by a tab. */
export async function ids({ terminal, core }: Context): Promise<void> {
  const { groups } = await (await core()).snapshot({ selection: { all: false }, owners: false })
  const short = shortIds(
    groups.map(({ id }) => id),
    DIGITS,
  )
  const lines = groups.map(
    (group) => `${short.get(group.id) ?? group.id}\t${sanitize(`${protocolName(group)} ${endpoint(group)}`)}\n`,
  )
  await terminal.write(lines.join(''))
}
