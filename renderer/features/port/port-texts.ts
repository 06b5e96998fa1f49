/** The words of the port's screen. Pure. */
import type { GroupRow } from '../../../electron/contract/live.ts'
import type { PortBind, PortHolder, PortRange, PortUse } from '../../../electron/contract/port.ts'
import { bindPlaces, isFree } from '../../../electron/contract/port-rows.ts'
import { addressText, countOf, formatCount } from '../../ui/format.ts'
import { nameInText } from '../../ui/visible-text.ts'

/** The order of the columns of the matrix. */
export const OPTION_TITLES = ['plain', 'REUSEADDR', 'REUSEPORT', 'both'] as const

/** Whether another socket can have the port, in a sentence. Places where any bind succeeds say nothing about sharing. */
export function bindSentence({ binds }: Pick<PortUse, 'binds'>): string {
  if (binds.length === 0) return ''
  const contested = bindPlaces(binds).filter((place) => !isFree(place))
  const known = contested.flatMap(({ rows }) => rows.flatMap((row) => row.binds)).filter(isKnown)
  if (contested.length === 0) return 'Any bind succeeds.'
  if (known.length === 0) return 'Whether a bind would succeed is not known.'
  const joining = known.filter(({ succeeds }) => succeeds === true)
  if (joining.length === 0) return 'No other socket can be bound there.'
  const users = [...new Set(joining.map(({ uid, user }) => user ?? (uid === null ? 'other users' : `uid ${uid}`)))]
  const all = new Set(binds.map(({ uid }) => uid)).size === users.length
  const who = all ? '' : ` as ${users.map(nameInText).join(' or ')}`
  return `A new socket gets in only ${neededOption(joining)}${who}.`
}

function isKnown({ succeeds }: PortBind): boolean {
  return succeeds !== null
}

/** What all binds that succeed have in common. */
function neededOption(binds: readonly PortBind[]): string {
  if (binds.every(({ options }) => options.reuseport)) return 'with SO_REUSEPORT'
  if (binds.every(({ options }) => options.reuseaddr)) return 'with SO_REUSEADDR'
  return binds.every(({ options }) => options.reuseport || options.reuseaddr)
    ? 'with SO_REUSEPORT or SO_REUSEADDR'
    : 'at some addresses'
}

/** "nginx 7710"; the state where no process is known. */
export function holderText({ holders, state }: Pick<PortHolder, 'holders' | 'state'>): string {
  const [first] = holders ?? []
  return first === undefined ? state : `${nameInText(first.command)} ${first.pid}`
}

/** What a cell of the matrix says beside its sign. */
export function bindText(bind: PortBind): string {
  if (bind.succeeds === true) return bind.joins === null ? 'yes' : 'joins'
  if (bind.succeeds === null) return 'unknown'
  if (bind.refusedBy !== null) return nameInText(bind.refusedBy.holders?.[0]?.command ?? bind.refusedBy.state)
  return { EADDRNOTAVAIL: 'not here', EACCES: 'privileged', EADDRINUSE: 'in use', EAFNOSUPPORT: 'no IPv6' }[
    bind.error ?? 'EADDRINUSE'
  ]
}

/** "2,214 established, 31 time-wait": what is on the port beside the sockets that receive. */
export function besidesText({ states }: Pick<PortUse, 'states'>): string[] {
  const counts = new Map<string, number>()
  for (const { state, sockets } of states) counts.set(state, (counts.get(state) ?? 0) + sockets)
  return [...counts]
    .filter(([state]) => !RECEIVING.has(state))
    .map(([state, sockets]) => `${formatCount(sockets)} ${state}`)
}
const RECEIVING: ReadonlySet<string> = new Set(['listening', 'unconnected'])

/** "2 namespaces, 5 sockets that receive" */
export function whoText({ groups }: Pick<PortUse, 'groups'>): string {
  if (groups.length === 0) return ''
  const places = new Set(groups.map(({ netns }) => netns)).size
  const sockets = groups.reduce((sum, { receiving }) => sum + receiving, 0)
  return `${places > 1 ? `${countOf(places, 'namespace')}, ` : ''}${countOf(sockets, 'socket')} that receive${sockets === 1 ? 's' : ''}`
}

/** "0.0.0.0:8080" in its two parts. */
export function endpointParts({ address, family, interface: bound, port }: GroupRow): [address: string, port: string] {
  return [`${addressText(address, family, bound)}:`, String(port)]
}

/** The command that lists the socket that refuses a bind. */
export function refusingCommand({ protocol }: Pick<PortBind, 'protocol'>, port: number): string {
  return `ss -${protocol === 'tcp' ? 't' : 'u'}anpe 'sport = :${port}'`
}

/** What the settings say of the port: `good` where nothing stands in the way of a bind. */
export function rangeFacts(range: PortRange): { text: string; good: boolean | null }[] {
  const { privileged, ephemeral, reserved, unprivilegedFrom, ephemeralRange } = range
  const below = unprivilegedFrom === null ? '' : ` (below ${formatCount(unprivilegedFrom)})`
  const between = ephemeralRange === null ? '' : ` (${ephemeralRange.join('–')})`
  return [
    fact(privileged, `privileged${below}: needs root or CAP_NET_BIND_SERVICE`, `not privileged${below}`),
    reserved === true
      ? { text: 'reserved: no outgoing connection is given it', good: true }
      : fact(ephemeral, `ephemeral${between}: an outgoing connection may take it`, `not ephemeral${between}`),
  ]
}

function fact(is: boolean | null, yes: string, no: string): { text: string; good: boolean | null } {
  if (is === null) return { text: `${no.replace(/^not /, '')}: unknown`, good: null }
  return { text: is ? yes : no, good: !is }
}
