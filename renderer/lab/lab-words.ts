/** The lab in sentences: what test listeners are, and how traffic goes. */
import type { Lab, ListenRequest, Traffic, TrafficRequest, Way } from '../../electron/contract/lab.ts'
import { countOf, formatCount, formatRate, formatRatio } from '../ui/format.ts'

/** "127.0.0.1:18080", "[::1]:53". */
export function endpointOf(address: string, port: number | string): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`
}

/** What arrives: "connections" or "datagrams". */
export function arrivals(protocol: 'tcp' | 'udp'): 'connection' | 'datagram' {
  return protocol === 'tcp' ? 'connection' : 'datagram'
}

export const STEERING_NAMES: Record<ListenRequest['steering'], string> = {
  hash: 'by the hash',
  random: 'at random',
  cpu: 'by CPU',
  'source-port': 'by source port',
  member: 'to one member',
}

export const WAITING_NAMES: Record<ListenRequest['waiting'], string> = {
  accept: 'accept',
  epoll: 'epoll',
  'epoll-exclusive': 'epoll exclusive',
}

/** What Start will do, in two or three sentences. Holds also for what is not complete yet. */
export function startSentence(request: ListenRequest): string {
  const { protocol, address, port, accepting, minutes } = request
  const where = port === 0 ? `a free port of ${address || '…'}` : endpointOf(address || '…', port)
  return [
    `Opens ${openedText(request, where)}, for ${spanOf(minutes, 'minute')} at most.`,
    acceptingSentence(accepting, protocol),
    'They close even if this window is killed.',
  ]
    .filter(Boolean)
    .join(' ')
}

/** "2.5 minutes": a part of one is told. */
function spanOf(time: number, unit: string): string {
  return `${formatRate(time)} ${unit}${time === 1 ? '' : 's'}`
}

function openedText({ protocol, listeners, processes, taking, user }: ListenRequest, where: string): string {
  const inProcesses = `in ${countOf(processes, 'process', 'processes')}${user === null ? '' : ` as ${user}`}`
  switch (taking) {
    case 'reuseport':
      return `${countOf(listeners, `${protocol} socket`)} on ${where} ${inProcesses}`
    case 'shared':
      return `one ${protocol} socket on ${where}, from which ${countOf(listeners, 'worker')} ${inProcesses} take`
    case 'dispatcher':
      return `one ${protocol} socket on ${where}, of which one thread hands out to ${countOf(listeners, 'worker')} ${inProcesses}`
  }
}

function acceptingSentence({ mode, delayMs }: ListenRequest['accepting'], protocol: 'tcp' | 'udp'): string {
  if (mode === 'never') return `Nothing is ${protocol === 'tcp' ? 'accepted' : 'received'}: the queues fill.`
  if (mode === 'slow') return `After each ${arrivals(protocol)} a worker pauses for ${formatRate(delayMs)} ms.`
  return ''
}

/** What stands there, in one line: "8 tcp listeners in 4 processes, steered by the hash". */
export function labSentence({ request, members, workers }: Lab): string {
  const processes = new Set(workers.map(({ pid }) => pid)).size
  const inProcesses = `in ${countOf(processes, 'process', 'processes')}`
  const open = openMembers(members)
  const user = request.user === null ? '' : `, as ${request.user}`
  switch (request.taking) {
    case 'reuseport':
      return `${countOf(open, `${request.protocol} listener`)} ${inProcesses}${user}${request.reuseport && open > 1 ? `, steered ${STEERING_NAMES[request.steering]}` : ''}`
    case 'shared':
      return `One ${request.protocol} socket, from which ${countOf(workers.length, 'worker')} ${inProcesses} take (${WAITING_NAMES[request.waiting]})${user}`
    case 'dispatcher':
      return `One ${request.protocol} socket; one thread hands out to ${countOf(workers.length, 'worker')} ${inProcesses}${user}`
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

/** How even each way of a recipe is by now, among the workers of which nothing else is told; null before anything came to two of them. */
export function soFarText(ways: readonly Way[]): string | null {
  const told = ways.flatMap(({ title, counts }) => {
    const each = counts.filter(({ note }) => note === null).map(({ count }) => count)
    const [most, least] = [Math.max(...each), Math.min(...each)]
    if (each.length < 2 || most === 0) return []
    return [`${title} ${least === 0 ? 'leaves some with nothing' : `${formatRatio(most / least)} times`}`]
  })
  return told.length === 0 ? null : `Busiest worker against the least busy: ${told.join(', ')}.`
}

/** How much of the traffic is begun, from 0 to 1. */
export function trafficProgress({ request, sent, endedAt }: Traffic): number {
  return endedAt === null ? Math.min(1, sent / request.count) : 1
}

/** What went wrong with how many, the most first; "none failed" where nothing did. */
export function failuresText({ refused, resets, timeouts, otherErrors }: Traffic): string {
  const kinds = [
    [refused, 'refused'],
    [resets, 'reset'],
    [timeouts, 'timed out'],
    [otherErrors, 'failed otherwise'],
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
  const speed = rate === null ? 'as fast as it goes' : `${formatRate(rate)} a second`
  const from =
    protocol === 'udp'
      ? `from ${countOf(Math.min(flows, count), 'client')}`
      : `from ${countOf(sources, 'source address', 'source addresses')}`
  return `Sends ${countOf(count, arrivals(protocol))} to ${endpoint} ${from}, ${speed}, for ${spanOf(seconds, 'second')} at most. ${EXCHANGE_WORDS[exchange]}`
}

const EXCHANGE_WORDS: Record<TrafficRequest['exchange'], string> = {
  echo: 'Each waits for its answer, which is timed.',
  hold: 'All stay open until the end.',
  close: 'Each is closed at once.',
  send: 'No answer is waited for.',
  dns: 'Each is a DNS question, whose answer is timed.',
}

/** Microseconds as people read them: [1.6, "ms"], [840, "µs"]. */
export function latencyText(microseconds: number): [string, string] {
  if (microseconds < 1000) return [formatCount(Math.round(microseconds)), 'µs']
  const ms = microseconds / 1000
  return ms < 10_000 ? [formatRate(ms), 'ms'] : [formatRate(ms / 1000), 's']
}
