/** A step of the packet's path, which is also given as text elsewhere. */
import { clsx } from 'clsx'
import css from './badge.module.css'

export function Badge({ step, className }: { step: number; className?: string }) {
  return (
    <span className={clsx(css.badge, className)} aria-hidden="true">
      {step}
    </span>
  )
}
