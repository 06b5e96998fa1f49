/** The time that the chart of a group shows. */

/** How far back it reaches from now. */
export const LAST_MS = { '1m': 60_000, '5m': 300_000, '15m': 900_000, '1h': 3_600_000 } as const
export type LastName = keyof typeof LAST_MS
const LAST_NAMES: readonly LastName[] = ['1m', '5m', '15m', '1h']

/** These, and how a control names them: "15 m". */
export function lastOptions<Name extends LastName>(...names: readonly Name[]): readonly (readonly [Name, string])[] {
  return names.map((name) => [name, name.replace(/\d+/, '$& ')])
}

/** The last minutes, or a part of the past that was chosen, in milliseconds since 1970. */
export type TimeRange = LastName | { readonly from: number; readonly to: number }

export const DEFAULT_RANGE: LastName = '15m'
/** The shortest part of the past that can be chosen. */
export const MIN_RANGE_MS = 3000

/** "5m", or "1764541200000-1764541260000". */
export function rangeText(range: TimeRange): string {
  return typeof range === 'string' ? range : `${range.from}-${range.to}`
}

/** The default where the text says nothing that is a range. */
export function rangeOf(text: string | null): TimeRange {
  const last = LAST_NAMES.find((name) => name === text)
  if (last !== undefined) return last
  const [, first, second] = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? '') ?? []
  const from = Number(first)
  const to = Number(second)
  return to - from >= MIN_RANGE_MS ? { from, to } : DEFAULT_RANGE
}

export function isSameRange(a: TimeRange, b: TimeRange): boolean {
  return rangeText(a) === rangeText(b)
}
