/** How much of something is done. */
import { clsx } from 'clsx'
import css from './progress-bar.module.css'

/** Where the end is not known, a bar looks like this much. */
const BEGUN = 0.04

/** `share`: from 0 to 1; null where it is not known. `text`: the same in words, for screen readers. */
export function ProgressBar(props: { label: string; share: number | null; text?: string; className?: string }) {
  const { label, share, text, className } = props
  return (
    <div
      className={clsx(css.bar, className)}
      role="progressbar"
      aria-label={label}
      aria-valuenow={share === null ? undefined : Math.round(share * 100)}
      aria-valuetext={text}
    >
      <i style={{ width: `${(share ?? BEGUN) * 100}%` }} />
    </div>
  )
}
