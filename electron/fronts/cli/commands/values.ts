/** `values`: what a shell's completion offers: one value per line, and what it is, separated by a tab. */
import { FINDING_CODES, textsFor } from '../../../contract/finding-types.ts'
import { endpoint, pluralize, protocolName } from '../../../contract/format.ts'
import type { ListedGroup } from '../../../contract/group-list.ts'
import type { ValueKind } from '../completed-values.ts'
import type { Context } from '../context.ts'
import { formatUser } from '../format.ts'
import { shortIds } from '../group-reference.ts'
import { sanitize } from '../sanitize.ts'
import { byEndpoint } from '../summary.ts'

/** The number of digits that `groups` shows. */
const DIGITS = 8

type Value = readonly [value: string, meaning: string]

/** Prints each value once. */
export async function values(kind: ValueKind, context: Context): Promise<void> {
  const found = new Map(await listed(kind, context))
  await context.terminal.write([...found].map((one) => `${one.map(sanitize).join('\t')}\n`).join(''))
}

async function listed(kind: ValueKind, context: Context): Promise<Value[]> {
  if (kind === 'codes') return FINDING_CODES.map((code) => [code, textsFor(code).tag])
  if (kind === 'filter') {
    const { KEYS } = await import('../../../contract/filter/keys.ts')
    return KEYS.map(({ name, meaning }) => [`${name}:`, meaning])
  }
  const core = await context.core()
  const list = await core.groupList({ selection: { all: true, receiving: true }, owners: false })
  const groups = [...list.groups].sort(byEndpoint)
  switch (kind) {
    case 'netns':
      return list.namespaces.map(({ name, inode, self }) => [name, `inode ${inode}${self ? ', this one' : ''}`])
    case 'users':
      return groups.filter(({ uid }) => uid !== null).map((group) => [formatUser(group), `uid ${group.uid}`])
    case 'ports':
      return groups.map((group) => [String(group.port), meaningOf(group)])
    case 'groups':
      return [...endpoints(groups), ...ids(groups)]
  }
}

/** `:443` where that names one group, else `tcp4:0.0.0.0:443`. */
function endpoints(groups: readonly ListedGroup[]): Value[] {
  const onPort = new Map<number, number>()
  for (const { port } of groups) onPort.set(port, (onPort.get(port) ?? 0) + 1)
  return groups.map((group) => {
    return [
      onPort.get(group.port) === 1 ? `:${group.port}` : `${protocolName(group)}:${endpoint(group)}`,
      meaningOf(group),
    ]
  })
}

/** Of groups that share their port: only these have an id that anyone types. */
function ids(groups: readonly ListedGroup[]): Value[] {
  const shared = groups.filter(({ sharing }) => sharing !== 'none')
  const short = shortIds(
    shared.map(({ id }) => id),
    DIGITS,
  )
  return shared.map((group) => [short.get(group.id) ?? group.id, meaningOf(group)])
}

function meaningOf(group: ListedGroup): string {
  return `${protocolName(group)} ${endpoint(group)}, ${pluralize(group.receiving, 'member')}`
}
