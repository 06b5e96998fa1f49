/** The path of a packet, drawn over candidates, ring and lanes: one rule for two members and for forty-eight. */
import { useLayoutEffect, useRef, useState } from 'react'
import { pointAt } from '../ring-geometry.ts'

/** Where the path leaves the orbit around the ring, in turns: to the lower right, towards the lanes. */
const EXIT = 118 / 360
const CORNER = 6

type Drawing = { path: string; knots: [number, number][]; badges: [number, number, number][] }

/** `turn` is the middle of the picked arc. Drawn inside `.zone`, from where things lie there; nothing is drawn while they do not. */
export function PathOverlay({ turn, cookie, label }: { turn: number; cookie: string; label: string }) {
  const overlay = useRef<SVGSVGElement>(null)
  const [drawing, setDrawing] = useState<Drawing | null>(null)
  useLayoutEffect(() => {
    const zone = overlay.current?.parentElement
    if (!zone) return
    const draw = () => setDrawing((before) => keep(before, drawPath(zone, turn, cookie)))
    draw()
    const moved = new ResizeObserver(draw)
    moved.observe(zone)
    for (const child of zone.children) moved.observe(child)
    return () => moved.disconnect()
  })
  return (
    <svg ref={overlay} className="path-overlay" role="img" aria-label={label}>
      {drawing && (
        <>
          <path className="way" d={drawing.path} />
          {drawing.knots.map(([x, y]) => (
            <circle key={y} className="knot" cx={x} cy={y} r="3" />
          ))}
          {drawing.badges.map(([step, x, y]) => (
            <g key={step} className="step" transform={`translate(${x} ${y})`}>
              <circle r="8" />
              <text y="3.6">{step}</text>
            </g>
          ))}
        </>
      )}
    </svg>
  )
}

/** The same drawing where nothing moved, so that nothing is drawn anew. */
function keep(before: Drawing | null, next: Drawing | null): Drawing | null {
  return before && next && before.path === next.path && before.knots.length === next.knots.length ? before : next
}

function drawPath(zone: Element, turn: number, cookie: string): Drawing | null {
  const origin = zone.getBoundingClientRect()
  const boxOf = (element: Element | null) => {
    const box = element?.getBoundingClientRect()
    return box && box.width > 0
      ? {
          left: box.left - origin.left,
          middle: (box.top + box.bottom) / 2 - origin.top,
          top: box.top - origin.top,
          bottom: box.bottom - origin.top,
          width: box.width,
        }
      : null
  }
  const ring = boxOf(zone.querySelector('.ring'))
  const lane = boxOf(zone.querySelector(`tr[data-cookie="${cookie}"] .lane-no`))
  const steps = [...zone.querySelectorAll('.candidates li')].map((item) => ({
    box: boxOf(item),
    step: item.getAttribute('data-step'),
  }))
  const [first] = steps
  const last = steps.findLast(({ step }) => step === '3')
  if (!ring || !lane || !first?.box || !last?.box) return null

  const scale = ring.width / 208
  const [cx, cy] = [ring.left + ring.width / 2, ring.middle]
  const rail = first.box.left + 8
  const top = ring.top - 4
  const orbit = 104 * scale
  const on = (angle: number, radius: number): [number, number] => {
    const [x, y] = pointAt(angle, radius)
    return [cx + x, cy + y]
  }
  const p = (...values: number[]) => values.map((value) => value.toFixed(1)).join(' ')
  const [outX, outY] = on(EXIT, orbit)
  const bend = Math.max(24, Math.min(60, orbit / 2))
  const exit = EXIT * 2 * Math.PI
  // In through the seam of the hash space, along a needle to the arc, out on the orbit, to the lane.
  const path = [
    `M${p(rail, first.box.middle)}V${p(top - CORNER)}Q${p(rail, top, rail + CORNER, top)}`,
    `H${p(cx - CORNER)}Q${p(cx, top, cx, top + CORNER)}V${p(cy)}L${p(...on(turn, 65 * scale))}`,
    `M${p(...on(turn, 101 * scale))}L${p(...on(turn, orbit))}`,
    `A${p(orbit, orbit)} 0 0 ${clockwise(turn) ? 1 : 0} ${p(outX, outY)}`,
    `C${p(outX + bend * Math.cos(exit) * (clockwise(turn) ? 1 : -1), outY + bend * Math.sin(exit) * (clockwise(turn) ? 1 : -1))} ${p(lane.left - 60, lane.middle)} ${p(lane.left, lane.middle)}`,
  ].join('')
  const knots = steps
    .slice(1)
    .filter(({ box, step }) => box && step !== '3')
    .map(({ box }): [number, number] => [rail, box?.middle ?? 0])
  return {
    path,
    knots,
    badges: [
      [1, rail, first.box.middle],
      [3, rail, last.box.middle],
      [4, cx, cy],
      [5, lane.left - 12, lane.middle],
    ],
  }
}

/** Which way round the orbit is shorter from an arc to the exit. */
function clockwise(turn: number): boolean {
  return (EXIT - turn + 1) % 1 <= 0.5
}
