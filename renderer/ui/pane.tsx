/** Shown in place of missing data: an icon, a sentence, and what to do next. */
import type { ReactNode } from 'react'
import css from './pane.module.css'

export function Pane(props: { icon?: ReactNode; title: string; children: ReactNode; ways?: ReactNode }) {
  return (
    <section className={css.pane} aria-label={props.title}>
      {props.icon}
      <h2>{props.title}</h2>
      {props.children}
      {props.ways && <div className={css.ways}>{props.ways}</div>}
    </section>
  )
}
