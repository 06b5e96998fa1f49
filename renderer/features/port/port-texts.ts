/** The words of the port's screen. Pure. */
import type { GroupRow } from '../../../electron/contract/live.ts'
import type { PortBind, PortHolder, PortRange, PortUse } from '../../../electron/contract/port.ts'
import { addressText, countOf, formatCount } from '../../ui/format.ts'
import { nameInText } from '../../ui/visible-text.ts'

/** The order of the columns of the matrix. */
export const OPTION_TITLES = ['plain', 'REUSEADDR', 'REUSEPORT', 'both'] as const

/** Whether another socket can have the port, in a sentence. */
export function bindSentence({ binds }: Pick<PortUse, 'binds'>): string {
  const known = binds.filter(({ succeeds }) => succeeds !== null)
  const free = known.filter(({ succeeds }) => succeeds === true)
  if (known.length === 0) return binds.length === 0 ? '' : 'Whether a bind would succeed is not known.'
  if (free.length === known.length) return 'Any bind succeeds.'
  if (free.length === 0) return 'Every bind fails.'
  if (free.every(({ options }) => options.reuseport || options.reuseaddr))
    return free.every(({ options }) => options.reuseport)
      ? 'A new socket gets in only with SO_REUSEPORT.'
      : 'A new socket gets in only with an option.'
  return 'Some binds succeed, others fail.'
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
  return { EADDRNOTAVAIL: 'not here', EACCES: 'privileged', EADDRINUSE: 'in use' }[bind.error ?? 'EADDRINUSE']
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
