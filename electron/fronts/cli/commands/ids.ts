/** `ids`: the groups that there are, for a shell that completes: an id and what it stands for, a line each. */
import { endpoint, protocolName } from '../../../contract/words.ts'
import type { Context } from '../context.ts'
import { shortIds } from '../group-reference.ts'
import { sanitise } from '../sanitise.ts'

/** As many digits as `groups` shows. */
const DIGITS = 8

/** Prints them, ids and endpoints apart by a tab. */
export async function ids({ terminal, observe }: Context): Promise<void> {
  const { groups } = await (await observe()).snapshot({ selection: { all: false }, owners: false })
  const short = shortIds(
    groups.map(({ id }) => id),
    DIGITS,
  )
  const lines = groups.map(
    (group) => `${short.get(group.id) ?? group.id}\t${sanitise(`${protocolName(group)} ${endpoint(group)}`)}\n`,
  )
  await terminal.write(lines.join(''))
}
