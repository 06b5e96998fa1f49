/** The page of `balance`. */
import type { Balance, FlowSpread, MemberLoad, Spread } from '../../../contract/analysis.ts'
import { endpoint, formatCount, protocolName } from '../format.ts'
import { type Column, table } from '../layout.ts'
import { type Line, line, span, type Tone } from '../text.ts'
import { sentences } from './probe-page.ts'

const tones: Record<Balance['verdict'], Tone> = {
  even: 'good',
  hash: 'bad',
  program: 'warning',
  given: 'warning',
  workers: 'warning',
  queues: 'warning',
  unknown: 'quiet',
}
/** Members listed on the page; the JSON has all. */
const MAX_LISTED = 64

export function balancePage(balance: Balance, columns: number): Line[] {
  const { group } = balance
  const known = (value: number | null) => (value === null ? '–' : formatCount(value))
  const members: Column<MemberLoad>[] = [
    { title: 'COOKIE', priority: 100, align: 'right', cell: ({ cookie }) => cookie ?? 'unknown' },
    { title: 'QUEUE', priority: 90, align: 'right', cell: ({ queue }) => known(queue) },
    { title: 'DROPS', priority: 85, align: 'right', cell: ({ drops }) => known(drops) },
    { title: 'FLOWS', priority: 95, align: 'right', cell: ({ flows }) => known(flows) },
    ...(balance.given === null ? [] : givenColumns(balance)),
    { title: 'SERVED BY', priority: 80, shrinkTo: 10, cell: ({ pids }) => (pids.length === 0 ? '–' : pids.join(' ')) },
  ]
  const spreads: { name: string; spread: Spread | FlowSpread | null }[] = [
    { name: 'queue', spread: balance.queue },
    { name: 'drops', spread: balance.drops },
    { name: 'flows (sampled)', spread: balance.flows },
    { name: 'given (counted)', spread: balance.given },
    { name: 'connections', spread: balance.connections?.spread ?? null },
  ]
  const ratio = (value: number | null | undefined) => (value == null ? '–' : value.toFixed(2))
  const rows: Column<(typeof spreads)[number]>[] = [
    { title: 'SPREAD OF', priority: 100, cell: ({ name }) => name },
    { title: 'TOTAL', priority: 90, align: 'right', cell: ({ spread }) => known(spread?.total ?? null) },
    { title: 'MAX/MEAN', priority: 95, align: 'right', cell: ({ spread }) => ratio(spread?.maxOverMean) },
    { title: 'MAX/MIN', priority: 70, align: 'right', cell: ({ spread }) => ratio(spread?.maxOverMin) },
    { title: 'JAIN', priority: 60, align: 'right', cell: ({ spread }) => ratio(spread?.jain) },
    {
      title: 'CHI²',
      priority: 50,
      align: 'right',
      cell: ({ spread }) => (spread !== null && 'chiSquare' in spread ? spread.chiSquare.toFixed(1) : '–'),
    },
    {
      title: 'P',
      priority: 55,
      align: 'right',
      cell: ({ spread }) => (spread !== null && 'p' in spread && spread.p !== null ? spread.p.toPrecision(2) : '–'),
    },
  ]
  const listed = balance.members.slice(0, MAX_LISTED)
  const width = Math.min(columns, 100)
  return [
    line(
      span(`${protocolName(group)} ${endpoint(group)}`, 'strong'),
      '  ',
      span(balance.verdict, tones[balance.verdict]),
    ),
    ...sentences([balance.summary], width),
    line(''),
    ...table(rows, spreads, columns),
    line(''),
    ...table(members, listed, columns),
    ...(balance.members.length > MAX_LISTED
      ? [line(`and ${formatCount(balance.members.length - MAX_LISTED)} more`)]
      : []),
    ...givenLines(balance, width),
    ...processLines(balance, width),
    ...sentences(balance.warnings, width),
  ]
}

/** What each member was really given, and its share beside an equal one; of a program nothing is expected. */
function givenColumns({ given, verdict, members }: Balance): Column<MemberLoad>[] {
  const total = given?.total ?? 0
  const expected = verdict === 'program' || members.length === 0 ? '–' : `${(100 / members.length).toFixed(1)}%`
  return [
    { title: 'GIVEN', priority: 96, align: 'right', cell: ({ given }) => (given === null ? '–' : formatCount(given)) },
    {
      title: 'SHARE',
      priority: 94,
      align: 'right',
      cell: ({ given }) => (given === null || total === 0 ? '–' : `${((100 * given) / total).toFixed(1)}%`),
    },
    { title: 'EXPECTED', priority: 60, align: 'right', cell: () => expected },
  ]
}

function givenLines({ group, given, givenSince, givenUnknownBecause }: Balance, width: number): Line[] {
  const what = group.protocol === 'tcp' ? 'connections' : 'datagrams'
  if (given === null)
    return sentences(
      [`What members are really given is unknown: ${givenUnknownBecause ?? 'it was not counted'}.`],
      width,
    )
  return sentences(
    [`Given: ${what} that the kernel put into each queue since ${givenSince ?? 'unknown'}, drops excluded.`],
    width,
  )
}

function processLines({ connections }: Balance, width: number): Line[] {
  if (connections === null) return []
  const { processes, ownersHidden, queued, newPerSecond } = connections
  const held = processes
    .map(({ command, pid, established }) => `${command} ${pid}: ${formatCount(established)}`)
    .join(', ')
  return sentences(
    [
      held === '' ? 'No visible process holds a connection.' : `Established connections: ${held}.`,
      `${formatCount(queued)} waiting to be accepted${ownersHidden > 0 ? `; ${formatCount(ownersHidden)} with a hidden owner` : ''}.`,
      ...(newPerSecond === null ? [] : [`About ${newPerSecond} new connections per second (an estimate).`]),
    ],
    width,
  )
}
