/** The hash space as a ring with one equal arc per member. Joins and leaves are animated. */
import { clsx } from 'clsx'
import { useEffect, useRef, useState } from 'react'
import css from './ring.module.css'
import { type Arc, arcPath, between, equalArcs, middleOf, pointAt } from './ring-geometry.ts'

export type RingItem = {
  key: string
  /** Shown in the arc where it fits. */
  label: string
  full: boolean
  /** Highlighted: the member that the typed client reaches. */
  picked: boolean
  /** Outlined: the chosen member. */
  chosen: boolean
}

const OUTER = 96
const INNER = 67
const GAP = 1.8
/** Arcs narrower than this, in units along the middle of the ring, are not labelled. */
const LABEL_ROOM = 15

/** `label` describes the drawing for screen readers. */
export function Ring(props: { items: readonly RingItem[]; label: string; choose: (key: string) => void }) {
  const { items, label, choose } = props
  const arcs = useDividing(items)
  const looks = new Map(items.map((item, index) => [item.key, { ...item, alternate: index % 2 === 1 }]))
  return (
    <svg className={css.ring} viewBox="-104 -104 208 208" role="img" aria-label={label}>
      {[...arcs].map(([key, arc]) => {
        const item = looks.get(key)
        const look = item === undefined ? css.going : looksOf(item)
        const outer = item?.picked ? OUTER + 5 : OUTER
        const [x, y] = pointAt(middleOf(arc), (outer + INNER) / 2)
        const room = (arc.end - arc.start) * Math.PI * (OUTER + INNER)
        return (
          // The lanes offer the same to the keyboard.
          <g key={key} className={clsx(css.arc, look)} data-key={key} onClick={() => choose(key)}>
            <path d={arcPath(arc, INNER, outer, items.length > 1 ? GAP : 0)} />
            {item && room >= LABEL_ROOM && (
              <text x={x.toFixed(1)} y={(y + 4).toFixed(1)}>
                {item.label}
              </text>
            )}
          </g>
        )
      })}
    </svg>
  )
}

function looksOf({ full, picked, chosen, alternate }: RingItem & { alternate: boolean }): string {
  return clsx(full && css.full, picked && css.picked, chosen && css.chosen, alternate && css.alternate)
}

/** The current arcs, animated from the previous division to this one. */
function useDividing(items: readonly RingItem[]): ReadonlyMap<string, Arc> {
  const keys = items.map(({ key }) => key).join(' ')
  const [arcs, setArcs] = useState(() => targetOf(keys))
  const shown = useRef(arcs)
  useEffect(() => {
    const from = shown.current
    const to = targetOf(keys)
    if (sameKeys(from, to)) return
    const show = (next: Map<string, Arc>) => {
      shown.current = next
      setArcs(next)
    }
    const duration = ringMotion()
    const began = performance.now()
    let frame = 0
    const step = (now: number) => {
      const progress = duration === 0 ? 1 : Math.min(1, (now - began) / duration)
      show(between(from, to, 1 - (1 - progress) ** 3))
      if (progress < 1) frame = requestAnimationFrame(step)
    }
    frame = requestAnimationFrame(step)
    return () => cancelAnimationFrame(frame)
  }, [keys])
  return arcs
}

function targetOf(keys: string): Map<string, Arc> {
  const list = keys === '' ? [] : keys.split(' ')
  const arcs = equalArcs(list.length)
  return new Map(list.map((key, index) => [key, arcs[index] ?? { start: 0, end: 0 }]))
}

function sameKeys(a: ReadonlyMap<string, Arc>, b: ReadonlyMap<string, Arc>): boolean {
  return (
    a.size === b.size && [...b].every(([key, arc]) => a.get(key)?.start === arc.start && a.get(key)?.end === arc.end)
  )
}

/** --motion-ring of tokens.css in milliseconds: 0 with reduced motion. */
function ringMotion(): number {
  const value = getComputedStyle(document.documentElement).getPropertyValue('--motion-ring').trim()
  return value.endsWith('ms') ? Number.parseFloat(value) : Number.parseFloat(value) * 1000 || 0
}
