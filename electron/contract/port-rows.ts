/** The answers about a port (port.ts) as rows: addresses and users with one answer share one. */
import type { GroupRow } from './live.ts'
import type { PortBind, PortInFront, PortReach, PortUse } from './port.ts'

/** Whether it acts on clients, or may; the others could not be checked. */
export function actsInFront({ state }: PortInFront): boolean {
  return state === 'redirects' || state === 'possible'
}

/** What is not checked, one sentence each. */
export function uncheckedOf({ limitations, inFront }: PortUse): string[] {
  const unchecked = new Set(inFront.filter((step) => !actsInFront(step)).map(({ detail }) => detail))
  if (unchecked.size === 0) return limitations
  return [...limitations, `What may decide before the lookup: ${[...unchecked].join(', ')}.`]
}

/** Addresses whose clients reach the same socket for the same reason. */
export type ReachRow = {
  readonly first: PortReach
  readonly addresses: readonly string[]
  readonly group: GroupRow | null
  /** The groups that would receive the packet otherwise. */
  readonly shadowed: readonly GroupRow[]
}

/** Which sockets of the group, before their number: "one of 3 sockets". */
export function whichOf({ steeredBy }: PortReach): string {
  return steeredBy === 'copies' ? 'each of' : 'one of'
}

/** Which sockets get datagrams that are not for one. */
export const COPIES =
  'Of a multicast or broadcast datagram, each socket that is bound to its address or to any gets a copy.'

/** What the answers for single addresses leave out; null where at most one socket receives datagrams. */
export function copiesNote({ groups }: Pick<PortUse, 'groups'>): string | null {
  const receivers = groups.reduce((sum, { protocol, receiving }) => sum + (protocol === 'udp' ? receiving : 0), 0)
  return receivers < 2 ? null : COPIES
}

/** In the order of the answers. */
export function reachRows(reaches: readonly PortReach[], groups: readonly GroupRow[]): ReachRow[] {
  const rows = new Map<string, { first: PortReach; addresses: string[] }>()
  const groupOf = (id: string) => groups.filter((group) => group.id === id)
  for (const reach of reaches) {
    const { netns, protocol, family, address, group, steeredBy, reason, shadowed } = reach
    const text = address ?? `any other ${family === 'ipv6' ? 'IPv6' : 'IPv4'}`
    // The reason names the address where no packet for it arrives.
    const key = JSON.stringify([netns, protocol, family, group, steeredBy, reason, shadowed])
    const known = rows.get(key)
    if (known === undefined) rows.set(key, { first: reach, addresses: [text] })
    else known.addresses.push(text)
  }
  return [...rows.values()].map(({ first, addresses }) => ({
    first,
    addresses,
    group: (first.group === null ? [] : groupOf(first.group))[0] ?? null,
    shadowed: first.shadowed.flatMap(groupOf),
  }))
}

/** The binds of some users to one place: without options, with SO_REUSEADDR, with SO_REUSEPORT, with both. */
export type BindRow = { readonly users: readonly Pick<PortBind, 'uid' | 'user'>[]; readonly binds: readonly PortBind[] }

/** A place to bind to. */
export type BindPlace = {
  readonly first: PortBind
  /** `everyone`: the only row, of all users. */
  readonly rows: readonly (BindRow & { readonly everyone: boolean })[]
}

/** Users with the same answers share a row, and `::` is one place where IPV6_V6ONLY makes no difference. */
export function bindPlaces(binds: readonly PortBind[]): BindPlace[] {
  const places: (BindPlace & { readonly key: string; readonly text: string })[] = []
  for (const group of groupedBy(binds, ({ netns, protocol, address, v6only }) =>
    JSON.stringify([netns, protocol, address, v6only]),
  )) {
    const [first] = group
    if (first === undefined) continue
    const rows: { text: string; users: BindRow['users'][number][]; binds: readonly PortBind[] }[] = []
    for (const ofUser of groupedBy(group, ({ uid }) => String(uid))) {
      const text = JSON.stringify(ofUser.map(answerOf))
      const known = rows.find((row) => row.text === text)
      const users = ofUser.slice(0, 1)
      if (known === undefined) rows.push({ text, users, binds: ofUser })
      else known.users.push(...users)
    }
    const key = JSON.stringify([first.netns, first.protocol, first.address])
    const text = JSON.stringify(rows.map((row) => [row.text, row.users.map(({ uid }) => uid)]))
    // The same with and without IPV6_V6ONLY.
    if (places.some((place) => place.key === key && place.text === text)) continue
    places.push({ key, text, first, rows: rows.map((row) => ({ ...row, everyone: rows.length === 1 })) })
  }
  return places
}

/** Whether any bind succeeds there. */
export function isFree({ rows }: BindPlace): boolean {
  return rows.every(({ binds }) => binds.every(({ succeeds }) => succeeds === true))
}

function answerOf({ succeeds, error, refusedBy, joins, reason }: PortBind) {
  return [succeeds, error, refusedBy?.cookie, joins, reason]
}

function groupedBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [item])
    else known.push(item)
  }
  return [...groups.values()]
}
