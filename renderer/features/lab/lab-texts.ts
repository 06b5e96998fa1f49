/** Texts of the lab: test listeners and traffic as sentences. */
import { endpointText } from '../../../electron/contract/format.ts'
import type { Lab, ListenRequest, Traffic, TrafficRequest, Variant } from '../../../electron/contract/lab.ts'
import { countOf, formatCount, formatRate, formatRatio } from '../../ui/format.ts'

/** The unit that arrives: "connection" or "datagram". */
export function arrivals(protocol: 'tcp' | 'udp'): 'connection' | 'datagram' {
  return protocol === 'tcp' ? 'connection' : 'datagram'
}

export const STEERING_NAMES: Record<ListenRequest['steering'], string> = {
  hash: 'by hash',
  random: 'at random',
  cpu: 'by CPU',
  'source-port': 'by source port',
  member: 'to one member',
  'sock-array': 'from a socket array',
}

export const WAITING_NAMES: Record<ListenRequest['waitStrategy'], string> = {
  accept: 'accept',
  epoll: 'epoll',
  'epoll-exclusive': 'epoll exclusive',
}

/** What Start will do, in two or three sentences. Also works for an incomplete form. */
export function startSentence(request: ListenRequest): string {
  const { protocol, address, port, acceptBehavior, minutes } = request
  const where = port === 0 ? `a free port of ${address || '…'}` : endpointText(address || '…', port)
  return [
    `Opens ${openedText(request, where)}, for at most ${spanOf(minutes, 'minute')}.`,
    acceptingSentence(acceptBehavior, protocol),
    'They close even if this window is killed.',
  ]
    .filter(Boolean)
    .join(' ')
}

/** "2.5 minutes": fractions are shown. */
function spanOf(time: number, unit: string): string {
  return `${formatRate(time)} ${unit}${time === 1 ? '' : 's'}`
}

function openedText({ protocol, listeners, processes, acceptModel, user }: ListenRequest, where: string): string {
  const inProcesses = `in ${countOf(processes, 'process', 'processes')}${user === null ? '' : ` as ${user}`}`
  switch (acceptModel) {
    case 'reuseport':
      return `${countOf(listeners, `${protocol} socket`)} on ${where} ${inProcesses}`
    case 'shared':
      return `one ${protocol} socket on ${where}, shared by ${countOf(listeners, 'worker')} ${inProcesses}`
    case 'dispatcher':
      return `one ${protocol} socket on ${where}, with one thread dispatching to ${countOf(listeners, 'worker')} ${inProcesses}`
  }
}

function acceptingSentence({ mode, delayMs }: ListenRequest['acceptBehavior'], protocol: 'tcp' | 'udp'): string {
  if (mode === 'never') return `Nothing is ${protocol === 'tcp' ? 'accepted' : 'received'}: the queues fill.`
  if (mode === 'slow') return `Workers pause for ${formatRate(delayMs)} ms after each ${arrivals(protocol)}.`
  return ''
}

/** A lab in one line: "8 tcp listeners in 4 processes, steered by hash". */
export function labSentence({ request, members, workers }: Lab): string {
  const processes = new Set(workers.map(({ pid }) => pid)).size
  const inProcesses = `in ${countOf(processes, 'process', 'processes')}`
  const open = openMembers(members)
  const user = request.user === null ? '' : `, as ${request.user}`
  switch (request.acceptModel) {
    case 'reuseport':
      return `${countOf(open, `${request.protocol} listener`)} ${inProcesses}${user}${request.reuseport && open > 1 ? `, steered ${STEERING_NAMES[request.steering]}` : ''}`
    case 'shared':
      return `One ${request.protocol} socket shared by ${countOf(workers.length, 'worker')} ${inProcesses} (${WAITING_NAMES[request.waitStrategy]})${user}`
    case 'dispatcher':
      return `One ${request.protocol} socket; one thread dispatches to ${countOf(workers.length, 'worker')} ${inProcesses}${user}`
  }
}

export function openMembers(members: Lab['members']): number {
  return members.filter(({ state }) => state !== 'closed' && state !== 'failed').length
}

/** "6 min left", "40 s left": how long until `endsAt`. */
export function timeLeft(endsAt: string, now: number): string {
  const seconds = Math.max(0, Math.round((Date.parse(endsAt) - now) / 1000))
  return seconds < 100 ? `${seconds} s left` : `${Math.round(seconds / 60)} min left`
}

/**
 * Evenness of each variant of a recipe so far, among workers without a note; null before two of them received anything.
 */
export function progressText(variants: readonly Variant[]): string | null {
  const told = variants.flatMap(({ title, counts }) => {
    const each = counts.filter(({ note }) => note === null).map(({ count }) => count)
    const [most, least] = [Math.max(...each), Math.min(...each)]
    if (each.length < 2 || most === 0) return []
    return [`${title} ${least === 0 ? '(some received nothing)' : `${formatRatio(most / least)}×`}`]
  })
  return told.length === 0 ? null : `Busiest ÷ least busy worker: ${told.join(', ')}.`
}

/** Share of the traffic that has been started, from 0 to 1. */
export function trafficProgress({ request, sent, endedAt }: Traffic): number {
  return endedAt === null ? Math.min(1, sent / request.count) : 1
}

/** Failures by kind, most frequent first; "none failed" without any. */
export function failuresText({ refused, resets, timeouts, otherErrors }: Traffic): string {
  const kinds = [
    [refused, 'refused'],
    [resets, 'reset'],
    [timeouts, 'timed out'],
    [otherErrors, 'failed with other errors'],
  ] as const
  const failed = kinds.filter(([count]) => count > 0).sort(([a], [b]) => b - a)
  return failed.length === 0 ? 'none failed' : failed.map(([count, how]) => `${formatCount(count)} ${how}`).join(', ')
}

/** What Send will do, in a sentence. */
export function sendSentence(
  { count, rate, exchange, seconds, sources, flows }: Omit<TrafficRequest, 'id'>,
  protocol: 'tcp' | 'udp',
  endpoint: string,
): string {
  const speed = rate === null ? 'as fast as possible' : `${formatRate(rate)} per second`
  const from =
    protocol === 'udp'
      ? `from ${countOf(Math.min(flows, count), 'client')}`
      : `from ${countOf(sources, 'source address', 'source addresses')}`
  const verb = protocol === 'tcp' ? 'Opens' : 'Sends'
  return `${verb} ${countOf(count, arrivals(protocol))} to ${endpoint} ${from}, ${speed}, for at most ${spanOf(seconds, 'second')}. ${EXCHANGE_WORDS[exchange]}`
}

const EXCHANGE_WORDS: Record<TrafficRequest['exchange'], string> = {
  echo: 'Each waits for its reply, which is timed.',
  hold: 'All stay open until the end.',
  close: 'Each is closed immediately.',
  send: 'Replies are not awaited.',
  dns: 'Each is a DNS query with a timed reply.',
}

/** Microseconds with the unit that fits: [1.6, "ms"], [840, "µs"]. */
export function latencyText(microseconds: number): [string, string] {
  if (microseconds < 1000) return [formatCount(Math.round(microseconds)), 'µs']
  const ms = microseconds / 1000
  return ms < 10_000 ? [formatRate(ms), 'ms'] : [formatRate(ms / 1000), 's']
}
