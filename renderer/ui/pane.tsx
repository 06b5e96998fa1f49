/** Shown in place of missing data: an icon, a sentence, and what to do next. */
import { clsx } from 'clsx'
import type { ReactNode } from 'react'
import control from './control.module.css'
import css from './pane.module.css'

export function Pane(props: { icon?: ReactNode; title: string; children: ReactNode; ways?: ReactNode }) {
  return (
    <section className={css.pane} aria-label={props.title}>
      {props.icon}
      <h2>{props.title}</h2>
      {props.children}
      {props.ways && <div className={clsx(control.row, css.ways)}>{props.ways}</div>}
    </section>
  )
}
