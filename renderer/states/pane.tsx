/** What stands in the place of data that is not there: a picture, a sentence, a way on. */
import type { ReactNode } from 'react'
import './states.css'

export function Pane(props: { picture?: ReactNode; title: string; children: ReactNode; ways?: ReactNode }) {
  return (
    <section className="pane" aria-label={props.title}>
      {props.picture}
      <h2>{props.title}</h2>
      {props.children}
      {props.ways && <div className="ways">{props.ways}</div>}
    </section>
  )
}
