/** What `check` asserts about groups, and whether it holds. Pure: rows in, results out. */
import { endpoint, formatCount, formatRatio, pluralize, protocolName } from '../../../contract/format.ts'
import { imbalanceText, notableRatio } from '../../../contract/imbalance.ts'
import type { GroupRow } from '../../../contract/live.ts'
import type { Sharing } from '../../../contract/model.ts'
import { utilization } from '../../../contract/utilization.ts'

/** A whole number of members: from `min` to `max`, each null where it is open. */
export type CountRange = { readonly min: number | null; readonly max: number | null }

/** What must hold; an omitted field asserts nothing. */
export type Expectation = {
  readonly members?: CountRange | undefined
  readonly sharing?: Sharing | undefined
  /** Exactly one group matches. */
  readonly oneGroup?: boolean | undefined
  /** All members are held by processes of one systemd unit, or of one container. */
  readonly sameUnit?: boolean | undefined
  /** The command of every process that holds a member. */
  readonly owner?: string | undefined
  /** The longest queue divided by the mean. */
  readonly maxImbalance?: number | undefined
  /** The utilization of the fullest queue: 0.5 is half. */
  readonly maxQueue?: number | undefined
  /** No drops while it is watched. */
  readonly noDrops?: boolean | undefined
}

export type AssertionResult = {
  readonly assertion: string
  /** The group's endpoint; null where the assertion is about all of them. */
  readonly group: string | null
  readonly expected: string
  readonly actual: string
  readonly state: 'held' | 'failed' | 'unknown'
  /** The number behind `actual`, for monitoring; null where there is none. */
  readonly value: number | null
}

/**
 * The result of each assertion, for each of the matching groups. `dropped`: what each group lost while it was watched;
 * null where that is unknown, or not yet known.
 */
export function assertAll(
  target: string,
  expectation: Expectation,
  groups: readonly GroupRow[],
  dropped: (group: GroupRow) => number | null,
): AssertionResult[] {
  const receiving = groups.filter(({ receiving: members }) => members > 0)
  const about = { assertion: 'exists', group: null, expected: `a socket at ${target}`, value: receiving.length }
  if (receiving.length === 0) return [nobody(expectation) ?? { ...about, actual: 'none', state: 'failed' }]
  const found = pluralize(receiving.length, 'group')
  return [
    ...(expectation.oneGroup === true ? [oneGroup(receiving)] : [{ ...about, actual: found, state: 'held' as const }]),
    ...receiving.flatMap((group) =>
      assertionsOf(expectation, group, dropped(group)).map((result) => ({
        ...result,
        group: `${protocolName(group)} ${endpoint(group)}`,
      })),
    ),
  ]
}

/** Where no member may be: all else is about members. null where there must be one. */
function nobody({ members, oneGroup }: Expectation): AssertionResult | null {
  if (members?.min !== 0 || oneGroup === true) return null
  return { assertion: 'members', group: null, expected: formatRange(members), actual: '0', state: 'held', value: 0 }
}

function oneGroup(groups: readonly GroupRow[]): AssertionResult {
  const names = groups.map((group) => `${protocolName(group)} ${endpoint(group)}`).join(', ')
  return {
    assertion: 'one-group',
    group: null,
    expected: '1 group',
    actual: groups.length === 1 ? '1 group' : `${formatCount(groups.length)}: ${names}`,
    state: groups.length === 1 ? 'held' : 'failed',
    value: groups.length,
  }
}

type OfGroup = Omit<AssertionResult, 'group'>

function assertionsOf(expectation: Expectation, group: GroupRow, dropped: number | null): OfGroup[] {
  const { members, sharing, sameUnit, owner, maxImbalance, maxQueue, noDrops } = expectation
  return [
    ...(members === undefined ? [] : [membersWithin(members, group)]),
    ...(sharing === undefined ? [] : [sharesBy(sharing, group)]),
    ...(sameUnit === true ? [heldByOneUnit(group)] : []),
    ...(owner === undefined ? [] : [heldBy(owner, group)]),
    ...(maxImbalance === undefined ? [] : [balancedTo(maxImbalance, group)]),
    ...(maxQueue === undefined ? [] : [filledTo(maxQueue, group)]),
    ...(noDrops === true ? [droppedNothing(dropped)] : []),
  ]
}

function stateOf(holds: boolean | null): AssertionResult['state'] {
  return holds === null ? 'unknown' : holds ? 'held' : 'failed'
}

function membersWithin(range: CountRange, { receiving }: GroupRow): OfGroup {
  const holds = receiving >= (range.min ?? 0) && receiving <= (range.max ?? Number.POSITIVE_INFINITY)
  return {
    assertion: 'members',
    expected: formatRange(range),
    actual: formatCount(receiving),
    state: stateOf(holds),
    value: receiving,
  }
}

/** `8`, `4..8`, `4..`, `..8`. */
export function formatRange({ min, max }: CountRange): string {
  return min === max && min !== null ? String(min) : `${min ?? ''}..${max ?? ''}`
}

function sharesBy(expected: Sharing, { sharing }: GroupRow): OfGroup {
  const holds = sharing === expected ? true : sharing === 'unknown' ? null : false
  return { assertion: 'sharing', expected, actual: sharing, state: stateOf(holds), value: null }
}

function heldByOneUnit({ owners, ownersHidden }: GroupRow): OfGroup {
  const units = new Set(owners.flatMap(({ service }) => service ?? []))
  const without = owners.filter(({ service }) => service === null)
  const hidden = ownersHidden > 0 || owners.length === 0 || (without.length > 0 && units.size < 2)
  const holds = units.size > 1 ? false : hidden ? null : true
  const names = [
    ...units,
    ...without.map(({ command }) => `${command} (no unit)`),
    ...(ownersHidden > 0 ? ['hidden owners'] : []),
  ]
  return {
    assertion: 'same-unit',
    expected: 'one unit or container',
    actual: names.length === 0 ? 'unknown' : names.join(', '),
    state: stateOf(holds),
    value: null,
  }
}

function heldBy(command: string, { owners, ownersHidden }: GroupRow): OfGroup {
  const holds = owners.some((other) => other.command !== command)
    ? false
    : ownersHidden > 0 || owners.length === 0
      ? null
      : true
  const names = owners.map((other) => other.command)
  return {
    assertion: 'owner',
    expected: command,
    actual: [...names, ...(ownersHidden > 0 ? ['hidden owners'] : [])].join(', ') || 'unknown',
    state: stateOf(holds),
    value: null,
  }
}

function balancedTo(limit: number, { imbalance, queue }: GroupRow): OfGroup {
  const value = notableRatio(imbalance) ?? (queue.length === null ? null : 1)
  return {
    assertion: 'max-imbalance',
    expected: `at most ${formatRatio(limit)}`,
    actual: imbalance === null ? (value === null ? 'unknown' : 'nothing queued') : imbalanceText(imbalance),
    state: stateOf(value === null ? null : value <= limit),
    value,
  }
}

function filledTo(limit: number, { fullest }: GroupRow): OfGroup {
  const thousandths = utilization(fullest)
  const known = thousandths >= 0
  return {
    assertion: 'max-queue',
    expected: `at most ${percent(limit)}`,
    actual: known ? percent(thousandths / 1000) : 'unknown',
    state: stateOf(known ? thousandths <= limit * 1000 : null),
    value: known ? thousandths / 10 : null,
  }
}

function droppedNothing(dropped: number | null): OfGroup {
  return {
    assertion: 'no-drops',
    expected: '0 drops',
    actual: dropped === null ? 'unknown' : pluralize(dropped, 'drop'),
    state: stateOf(dropped === null ? null : dropped === 0),
    value: dropped,
  }
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`
}
