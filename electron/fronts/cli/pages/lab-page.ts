/** The pages of `lab listen`, `lab list` and `lab traffic`. */

import { displayNumber, earlyEndReason } from '../../../contract/format.ts'
import type { Lab, LabMember, Latency, Traffic } from '../../../contract/lab.ts'
import { endpoint, formatCount, pluralize } from '../format.ts'
import { type Column, table } from '../layout.ts'
import { type Line, line, span } from '../text.ts'
import { bars } from './bars.ts'

/** Members and workers listed on a page; the JSON has all. */
const MAX_LISTED = 64

/** The open listeners, and what to type next. */
export function labPage(lab: Lab, columns: number): Line[] {
  const members: Column<LabMember>[] = [
    { title: 'MEMBER', priority: 100, align: 'right', cell: ({ index }) => String(displayNumber(index)) },
    { title: 'COOKIE', priority: 90, align: 'right', cell: ({ cookie }) => cookie },
    { title: 'PID', priority: 95, align: 'right', cell: ({ pid }) => String(pid) },
    { title: 'UID', priority: 70, align: 'right', cell: ({ uid }) => String(uid) },
    { title: 'STATE', priority: 98, cell: ({ state }) => stateLine(state) },
    { title: 'INODE', priority: 20, align: 'right', cell: ({ inode }) => line(span(String(inode), 'quiet')) },
  ]
  return [
    ...headLines(lab),
    line(''),
    ...table(members, lab.members.slice(0, MAX_LISTED), columns),
    ...omittedLine(lab.members.length),
    line(''),
    line(span('Type stall N, resume N, close N or add. Ctrl+C closes them.', 'quiet')),
    line(span(`Traffic: reuseport-inspector lab traffic ${lab.id}`, 'quiet')),
  ]
}

/** One lab per row. `unresponsive`: there are others, which do not respond. */
export function labsPage(labs: readonly Lab[], unresponsive: boolean, columns: number, now: Date): Line[] {
  if (labs.length === 0) {
    return unresponsive ? [] : [line('This user has no open test listeners. `lab listen` opens some.')]
  }
  const layout: Column<Lab>[] = [
    { title: 'ID', priority: 100, cell: ({ id }) => id },
    { title: 'PROTO', priority: 90, cell: ({ request }) => request.protocol },
    { title: 'ENDPOINT', priority: 98, cell: endpointOf },
    {
      title: 'MEMBERS',
      priority: 95,
      align: 'right',
      cell: ({ members }) => formatCount(members.filter(isOpen).length),
    },
    { title: 'ACCEPT MODEL', priority: 60, cell: ({ request }) => request.acceptModel },
    { title: 'PROCESSES', priority: 50, align: 'right', cell: ({ pids }) => formatCount(pids.length) },
    {
      title: 'RECEIVED',
      priority: 80,
      align: 'right',
      cell: (lab) => formatCount(receivedBy(lab).reduce((a, b) => a + b, 0)),
    },
    { title: 'TRAFFIC', priority: 70, cell: ({ traffic }) => (traffic === null ? '–' : formatTraffic(traffic)) },
    { title: 'ENDS IN', priority: 75, align: 'right', cell: ({ endsAt }) => minutesUntil(endsAt, now) },
  ]
  return table(layout, labs, columns)
}

/** The result of traffic: what each worker received, and latencies. `before`: what each had received before it. */
export function trafficPage(lab: Lab, before: readonly number[], columns: number): Line[] {
  const { traffic } = lab
  if (traffic === null) return [...headLines(lab), line('No traffic was sent.')]
  const got = receivedBy(lab).map((received, at) => ({
    label: String(displayNumber(at)),
    count: received - (before[at] ?? 0),
  }))
  return [
    ...headLines(lab),
    line(''),
    line(formatTraffic(traffic), ...(traffic.failed ? [span(`  ${earlyEndReason(traffic)}`, 'bad')] : [])),
    line(`${formatTrafficRate(traffic)}${traffic.latency === null ? '' : `; ${formatLatency(traffic.latency)}`}`),
    ...(traffic.moved === null
      ? []
      : [
          line(
            `${pluralize(traffic.moved, 'client')} of ${formatCount(traffic.request.flows)} got replies from more than one worker`,
          ),
        ]),
    line(''),
    line(span('Received by worker', 'head')),
    ...bars(got.slice(0, MAX_LISTED), columns),
    ...omittedLine(got.length),
  ]
}

/** "12,400 of 30,000 done, 3 reset". */
export function formatTraffic(traffic: Traffic): string {
  const { sent, done, request, refused, resets, timeouts, otherErrors } = traffic
  const troubles = [
    [refused, 'refused'],
    [resets, 'reset'],
    [timeouts, 'timed out'],
    [otherErrors, 'failed with other errors'],
  ] as const
  const failures = troubles.filter(([times]) => times > 0).map(([times, what]) => `${formatCount(times)} ${what}`)
  const left = request.count - sent
  const rest = traffic.endedAt !== null && left > 0 ? [`${formatCount(left)} not sent`] : []
  return [`${formatCount(done)} of ${formatCount(request.count)} done`, ...failures, ...rest].join(', ')
}

/** The rate: over the last second, or overall once it has ended. */
export function formatTrafficRate({ perSecond, endedAt }: Traffic): string {
  return `${formatCount(Math.round(perSecond))} per second${endedAt === null ? '' : ' overall'}`
}

/** "latency p50 0.21 ms, p90 …". */
export function formatLatency({ p50, p90, p99, p999, max }: Latency): string {
  const parts = [
    ['p50', p50],
    ['p90', p90],
    ['p99', p99],
    ['p99.9', p999],
    ['max', max],
  ] as const
  return `latency ${parts.map(([name, microseconds]) => `${name} ${formatMilliseconds(microseconds)}`).join(', ')}`
}

/** Microseconds as milliseconds, to 3 significant digits. */
export function formatMilliseconds(microseconds: number): string {
  return `${Number((microseconds / 1000).toPrecision(3))} ms`
}

export function receivedBy(lab: Lab): number[] {
  return lab.workers.map(({ received }) => received)
}

function headLines(lab: Lab): Line[] {
  const { id, request, members, pids, endsAt } = lab
  const open = members.filter(isOpen).length
  return [
    line(span(`Lab ${id}`, 'strong'), `  ${request.protocol} ${endpointOf(lab)}, ${request.acceptModel}`),
    line(
      span(
        `${pluralize(open, 'listener')} in ${pluralize(pids.length, 'process', 'processes')} (${pids.slice(0, 8).join(', ')}${pids.length > 8 ? ', …' : ''}), until ${endsAt.slice(11, 19)}Z`,
        'quiet',
      ),
    ),
  ]
}

function endpointOf({ address, port, request }: Lab): string {
  return endpoint({ address, port, interface: request.interface })
}

function isOpen({ state }: LabMember): boolean {
  return state !== 'closed' && state !== 'failed'
}

function stateLine(state: LabMember['state']): Line {
  return line(span(state, state === 'failed' ? 'bad' : state === 'normal' ? 'plain' : 'warning'))
}

function omittedLine(of: number): Line[] {
  return of > MAX_LISTED ? [line(span(`and ${formatCount(of - MAX_LISTED)} more`, 'quiet'))] : []
}

function minutesUntil(endsAt: string, now: Date): string {
  const seconds = Math.max(0, Math.round((Date.parse(endsAt) - now.getTime()) / 1000))
  return seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}
