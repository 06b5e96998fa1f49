/** The head of a section of the table: what its groups have in common, and what is wrong among them. */
import { clsx } from 'clsx'
import { memo } from 'react'
import { PINNED, type SectionHead } from '../../model/groups/sections.ts'
import { countOf, formatRate } from '../../ui/format.ts'
import { Name } from '../../ui/name.tsx'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { UnknownText } from '../../ui/widgets.tsx'
import css from './section-row.module.css'

type Props = { section: SectionHead; index: number; top: number }

export const SectionRow = memo(
  function SectionRow({ section, index, top }: Props) {
    const { key, name, groups, worst, dropsPerSecond } = section
    return (
      <div className={css.section} role="row" aria-rowindex={index} style={{ transform: `translateY(${top}px)` }}>
        <div role="gridcell" aria-colindex={1} className={css.cell}>
          {(worst === 'critical' || worst === 'warning') && (
            <Sign name={worst} size="small" label={`worst: ${worst}`} />
          )}
          {name === null ? (
            <UnknownText>{key.startsWith('unit') ? 'no unit known' : 'owner unknown'}</UnknownText>
          ) : key === PINNED ? (
            <b>{name}</b>
          ) : (
            <Name className={clsx(text.cut, css.name)}>{name}</Name>
          )}
          <span className={css.aside}>{countOf(groups, 'group')}</span>
          {dropsPerSecond > 0 && <b className={css.bad}>{formatRate(dropsPerSecond)} drops/s</b>}
        </div>
      </div>
    )
  },
  (a, b) => a.top === b.top && a.index === b.index && sameHead(a.section, b.section),
)

function sameHead(a: SectionHead, b: SectionHead): boolean {
  return (
    a.key === b.key &&
    a.name === b.name &&
    a.groups === b.groups &&
    a.worst === b.worst &&
    a.dropsPerSecond === b.dropsPerSecond
  )
}
