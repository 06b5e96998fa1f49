/** The path of a packet, drawn over candidates, ring and lanes from their positions on screen. */
import { useLayoutEffect, useRef, useState } from 'react'
import { type Box, drawPath, type PathDrawing } from './path-geometry.ts'
import css from './path-overlay.module.css'

/** `turn` is the middle of the picked arc. Drawn inside `.zone`; nothing is drawn while its parts are missing. */
export function PathOverlay({ turn, member, label }: { turn: number; member: string; label: string }) {
  const overlay = useRef<SVGSVGElement>(null)
  const [drawing, setDrawing] = useState<PathDrawing | null>(null)
  useLayoutEffect(() => {
    const zone = overlay.current?.parentElement
    if (!zone) return
    const draw = () => setDrawing((before) => keep(before, drawIn(zone, turn, member)))
    draw()
    const moved = new ResizeObserver(draw)
    moved.observe(zone)
    for (const child of zone.children) moved.observe(child)
    return () => moved.disconnect()
  })
  return (
    <svg ref={overlay} className={css.overlay} role="img" aria-label={label}>
      {drawing && (
        <>
          <path className={css.way} d={drawing.path} />
          {drawing.knots.map(([x, y]) => (
            <circle key={y} className={css.knot} cx={x} cy={y} r="3" />
          ))}
          {drawing.badges.map(([step, x, y]) => (
            <g key={step} className={css.step} transform={`translate(${x} ${y})`}>
              <circle r="8" />
              <text y="3.6">{step}</text>
            </g>
          ))}
        </>
      )}
    </svg>
  )
}

/** The same object if nothing moved, to avoid rendering again. */
function keep(before: PathDrawing | null, next: PathDrawing | null): PathDrawing | null {
  return before && next && before.path === next.path && before.knots.length === next.knots.length ? before : next
}

function drawIn(zone: Element, turn: number, member: string): PathDrawing | null {
  const origin = zone.getBoundingClientRect()
  const boxOf = (element: Element | null): Box | null => {
    const box = element?.getBoundingClientRect()
    if (!box || box.width === 0) return null
    return {
      left: box.left - origin.left,
      right: box.right - origin.left,
      top: box.top - origin.top,
      bottom: box.bottom - origin.top,
    }
  }
  const ring = boxOf(zone.querySelector('figure > svg'))
  const lane = boxOf(zone.querySelector(`tr[data-member="${member}"] > :first-child`))
  const candidates = [...zone.querySelectorAll('li[data-step]')].flatMap((item) => {
    const box = boxOf(item)
    return box ? [{ box, step: item.getAttribute('data-step') }] : []
  })
  return ring && lane ? drawPath({ candidates, ring, lane }, turn) : null
}
