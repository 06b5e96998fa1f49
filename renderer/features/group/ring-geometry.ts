/** The hash space as a circle, clockwise from twelve o'clock; angles in turns. */

export type Arc = { start: number; end: number }

/** An equal arc for each of `count` members, in their order. */
export function equalArcs(count: number): Arc[] {
  return Array.from({ length: count }, (_, i) => ({ start: i / count, end: (i + 1) / count }))
}

export function middleOf({ start, end }: Arc): number {
  return (start + end) / 2
}

/** The point at `radius` on a circle around 0 0. */
export function pointAt(turn: number, radius: number): [number, number] {
  const angle = turn * 2 * Math.PI
  return [radius * Math.sin(angle), -radius * Math.cos(angle)]
}

/** The arc as a closed SVG path between two radii, with `gap` units between neighbors. A full circle has a seam. */
export function arcPath({ start, end }: Arc, inner: number, outer: number, gap: number): string {
  const margin = gap / 2 / outer / (2 * Math.PI)
  const from = start + margin
  const to = Math.max(from, end - margin)
  if (to - from < 1e-6) return ''
  // A single SVG arc cannot be a full circle.
  const middle = (from + to) / 2
  const p = (turn: number, radius: number) =>
    pointAt(turn, radius)
      .map((value) => value.toFixed(2))
      .join(' ')
  const out = `A${outer} ${outer} 0 0 1 ${p(middle, outer)}A${outer} ${outer} 0 0 1 ${p(to, outer)}`
  const back = `A${inner} ${inner} 0 0 0 ${p(middle, inner)}A${inner} ${inner} 0 0 0 ${p(from, inner)}`
  return `M${p(from, inner)}L${p(from, outer)}${out}L${p(to, inner)}${back}z`
}

/**
 * The arcs between `from` and `to` at `progress` from 0 to 1, by key: added arcs grow in place, removed ones shrink in
 * place.
 */
export function between(
  from: ReadonlyMap<string, Arc>,
  to: ReadonlyMap<string, Arc>,
  progress: number,
): Map<string, Arc> {
  const arcs = new Map<string, Arc>()
  const mix = (a: number, b: number) => a + (b - a) * progress
  for (const [key, target] of to) {
    const source = from.get(key) ?? { start: Math.min(1, target.start), end: Math.min(1, target.start) }
    arcs.set(key, { start: mix(source.start, target.start), end: mix(source.end, target.end) })
  }
  for (const [key, source] of from) {
    if (to.has(key) || progress >= 1) continue
    const rest = middleOf(source)
    arcs.set(key, { start: mix(source.start, rest), end: mix(source.end, rest) })
  }
  return arcs
}
