/** How fast the counters of the network namespaces grow, over all of them together. */
import type { NamespaceCounters } from '../../electron/contract/live.ts'

/** An answer of the engine, and when it came, in milliseconds of one clock. */
export type CountersAt = { readonly counters: readonly NamespaceCounters[]; readonly at: number }

export type CounterRate = { readonly name: string; readonly perSecond: number }

/**
 * Growth per second of each of `names`; none where no namespace is in both answers, or the kernel does not have the
 * counter. A namespace that is in one answer only does not count.
 */
export function counterRates(before: CountersAt, after: CountersAt, names: readonly string[]): CounterRate[] {
  const seconds = (after.at - before.at) / 1000
  if (seconds <= 0) return []
  const were = new Map(before.counters.map(({ netns, counters }) => [netns, counters]))
  return names.flatMap((name) => {
    let grown: number | null = null
    for (const { netns, counters } of after.counters) {
      const [from, to] = [were.get(netns)?.[name], counters[name]]
      if (from !== undefined && to !== undefined) grown = (grown ?? 0) + Math.max(0, to - from)
    }
    return grown === null ? [] : [{ name, perSecond: grown / seconds }]
  })
}
