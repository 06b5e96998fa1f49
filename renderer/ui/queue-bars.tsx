/** The queues of a group side by side: one slot per member, each filled from below against its own limit. */
import { clsx } from 'clsx'
import { memo } from 'react'
import css from './queue-bars.module.css'
import { utilizationBand } from './utilization.ts'

/** Keys by position: a slot keeps its element. */
const PLACES = Array.from({ length: 64 }, (_, place) => `slot ${place}`)

type Props = { slots: readonly number[]; label: string; className?: string }

/** `slots` in thousandths of the limit, -1 unknown. `label` describes it for screen readers. */
export const QueueBars = memo(
  function QueueComb({ slots, label, className }: Props) {
    return (
      <span className={clsx(css.bars, className)} role="img" aria-label={label}>
        {slots.map((slot, place) => (
          <i
            key={PLACES[place]}
            data-band={utilizationBand(slot)}
            style={slot > 0 && slot < 1000 ? barStyle(slot) : undefined}
          />
        ))}
      </span>
    )
  },
  (a, b) =>
    a.label === b.label &&
    a.className === b.className &&
    a.slots.length === b.slots.length &&
    a.slots.every((slot, i) => slot === b.slots[i]),
)

/** At least 8 %, so that nearly empty queues are visible. */
function barStyle(thousandths: number): React.CSSProperties {
  return { '--fill': `${Math.max(8, thousandths / 10)}%` } as React.CSSProperties
}
