/** Which members thousands of clients reach. */
import type { Destination, SteeringMap } from '../../contract/analysis.ts'
import { formatCount } from '../../contract/format.ts'
import { warningsBefore } from './before-lookup.ts'
import { clientCount, hostOf, makeClients, parsePrefix, unusedPrefix } from './clients.ts'
import {
  arrivalWarnings,
  besideText,
  blockedBefore,
  CONNECTED,
  type KernelLookup,
  queryOf,
  receivingSockets,
  socketsBeside,
} from './kernel-lookup.ts'
import { parseAddress } from './lookup.ts'
import { measuredText, steerClients } from './program-lookup.ts'
import { InvalidQuery } from './query.ts'
import { isDoubtful, isSignificant, probabilityText, THRESHOLD_SENTENCE } from './significance.ts'
import { flowSpreadOf } from './statistics.ts'

type MapQuery = Destination & { clients: number; prefix?: string | undefined }

/** Which members thousands of clients reach. Throws InvalidQuery. */
export async function mapClients(lookup: KernelLookup, question: MapQuery): Promise<SteeringMap> {
  const local = parseAddress(question.local.address)
  const text = question.prefix ?? unusedPrefix(local?.family ?? 'ipv4', local?.bytes ?? null)
  const prefix = parsePrefix(text)
  if (prefix === null) {
    throw new InvalidQuery('UNPROCESSABLE_CONTENT', {
      operation: `clients from "${text}"`,
      cause: 'it is not a prefix',
      hint: 'Use ADDRESS/LENGTH, such as 198.51.100.0/24 or 2001:db8::/32.',
    })
  }
  const resolved = await lookup.resolvedDestination(question, prefix.family)
  const count = clientCount(prefix, question.clients)
  const destination = await lookup.arrived(resolved, { address: hostOf(prefix), port: null })
  const stopped = blockedBefore(destination)
  if (stopped !== null) {
    return {
      ...queryOf(destination),
      ...{
        clients: count,
        prefix: prefix.text,
        durationMs: 0,
        shares: [],
        unserved: count,
        connections: 0,
        undetermined: 0,
        spread: null,
      },
      summary: stopped.reason,
      warnings: warningsBefore(destination.beforeLookup),
    }
  }
  const remotes = makeClients(prefix, count)
  const answer = await lookup.lookUp(destination, remotes)
  const failed = answer.errnos.findIndex((errno) => errno !== 0)
  if (failed >= 0) throw new Error(`the kernel left probes unanswered (errno ${answer.errnos[failed]})`)

  const named = new Set(answer.cookies)
  named.delete(0n)
  const frame = await lookup.frameWith(...named)
  const groupRows = new Set<number>()
  const groupIds = new Map<bigint, string>()
  for (const cookie of named) {
    const socket = frame.socketOf(cookie)
    if (socket >= 0) groupRows.add(frame.groupOf(socket))
  }
  const counts = new Map<bigint, number>()
  let nobody = 0
  let connections = 0
  let undetermined = 0
  for (const [client, cookie] of steerClients(frame, destination, remotes, answer.cookies).entries()) {
    if (cookie === null) undetermined++
    else if (cookie !== 0n) counts.set(cookie, (counts.get(cookie) ?? 0) + 1)
    else if ((answer.states[client] ?? 0) >= CONNECTED) connections++
    else nobody++
  }
  // Members that no client reaches are listed too: they are what a map is for.
  for (const row of groupRows) {
    const id = frame.id(row)
    for (const socket of receivingSockets(frame, row)) groupIds.set(frame.cookie(socket), id)
    for (const { cookie, group } of socketsBeside(frame, row)) groupIds.set(BigInt(cookie), group)
  }
  for (const cookie of groupIds.keys()) if (!counts.has(cookie)) counts.set(cookie, 0)
  const members = [...groupRows].reduce((sum, row) => sum + frame.receiving(row), 0)
  const beside = [...groupRows].flatMap((row) => socketsBeside(frame, row))
  const measured = undetermined === 0 ? [] : [...groupRows].flatMap((row) => measuredText(frame, row) ?? [])
  const warnings = [
    ...(await lookup.warningsOf(frame, [...groupRows])),
    ...measured,
    ...arrivalWarnings(destination),
    ...(beside.length === 0 ? [] : [besideText(beside.length)]),
  ]
  const reached = count - nobody - connections - undetermined
  const shares = [...counts]
    .map(([cookie, clients]) => ({
      cookie: String(cookie),
      group: groupIds.get(cookie) ?? null,
      clients,
      share: reached === 0 ? 0 : clients / reached,
    }))
    .sort((a, b) => b.clients - a.clients || (BigInt(a.cookie) < BigInt(b.cookie) ? -1 : 1))
  // Sockets that only share the endpoint are not expected to get a share.
  const spread =
    reached === 0 || undetermined > 0 ? null : flowSpreadOf(shares.map(({ clients }) => clients).slice(0, members))
  return {
    ...queryOf(destination),
    clients: count,
    prefix: prefix.text,
    durationMs: answer.durationMs,
    shares,
    unserved: nobody,
    connections,
    undetermined,
    spread,
    summary: undetermined > 0 ? undeterminedText(count, undetermined) : mapSummary(count, reached, spread),
    warnings,
  }
}

function undeterminedText(clients: number, undetermined: number): string {
  const who =
    undetermined === clients
      ? `all ${formatCount(clients)} clients`
      : `${formatCount(undetermined)} of ${formatCount(clients)} clients`
  return `A BPF program decides for ${who}, and which member it picks is not known from their addresses and ports.`
}

function mapSummary(clients: number, reached: number, spread: SteeringMap['spread']): string {
  const sample = `${formatCount(clients)} clients`
  if (reached === 0 || spread === null) return `None of ${sample} reaches a member.`
  const members = `${spread.members} ${spread.members === 1 ? 'member' : 'members'}`
  if (spread.members === 1) return `All ${formatCount(reached)} of ${sample} that reach a socket reach the same one.`
  if (spread.p === null) {
    return `${sample} over ${members} are too few to judge: at least ${formatCount(5 * spread.members)} are needed.`
  }
  const p = probabilityText(spread.p)
  if (isSignificant(spread)) {
    const most = spread.maxOverMean?.toFixed(2) ?? '1'
    const none = spread.min === 0 ? '; at least one gets none' : ''
    return `Uneven: with ${sample} over ${members}, the busiest gets ${most} times its share${none} (${p}).`
  }
  if (isDoubtful(spread)) return `Not clearly uneven: ${sample} over ${members}, ${p}. ${THRESHOLD_SENTENCE}`
  return `As even as chance allows: ${sample} over ${members}, ${p}.`
}
