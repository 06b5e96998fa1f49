/** An endpoint that several groups share, and which of them receives its traffic: above the pages of the groups. */
import type { SteeringMap } from '../../../contract/analysis.ts'
import { receives } from '../../../contract/constants.ts'
import { memberId } from '../../../contract/ids.ts'
import type { Group, Member } from '../../../contract/model.ts'
import { COPIES } from '../../../contract/port-rows.ts'
import { endpoint, formatCount, pluralize, protocolName } from '../format.ts'
import { type Line, line, span } from '../text.ts'
import { sentences } from './probe-page.ts'

/** How many sockets share it, in how many ways. */
export function endpointHead(groups: readonly Group[]): Line[] {
  const [first] = groups
  if (first === undefined) return []
  const ways = pluralize(groups.length, 'different way', 'different ways')
  return [
    line(
      span(`${protocolName(first)} ${endpoint(first)}`, 'strong'),
      `  ${pluralize(receivers(groups).length, 'socket')}, sharing it in ${ways}`,
    ),
  ]
}

/** Which members receive the traffic, by kernel lookup. */
export function endpointReach(groups: readonly Group[], map: SteeringMap, columns: number): Line[] {
  const members = receivers(groups)
  const clients = new Map(map.shares.map((share) => [share.cookie, share.clients]))
  const reached = members.filter((member) => (clients.get(memberId(member)) ?? 0) > 0)
  const left = members.filter((member) => (clients.get(memberId(member)) ?? 0) === 0)
  const sentencesOf =
    reached.length === 0
      ? [map.summary]
      : [
          `${pluralize(map.clients, 'client')} looked up: they reach ${reached.map((member) => named(member, clients)).join(', ')}.`,
          ...(left.length === 0 ? [] : [`No client reaches ${left.map((member) => named(member, null)).join(', ')}.`]),
        ]
  const copies = groups.some(({ protocol }) => protocol === 'udp') ? [COPIES] : []
  return sentences([...sentencesOf, ...copies], Math.min(columns, 100))
}

function receivers(groups: readonly Group[]): Member[] {
  return groups.flatMap((group) => group.members).filter(({ state }) => receives(state))
}

function named(member: Member, clients: ReadonlyMap<string, number> | null): string {
  const id = memberId(member)
  const holder = member.holders?.[0]
  const who = holder === undefined ? 'owner unknown' : `${holder.command} ${holder.pid}`
  return `${id} (${who}${clients === null ? '' : `: ${formatCount(clients.get(id) ?? 0)}`})`
}
