/** A fact in its short form; the full text opens in a popover. */
import { clsx } from 'clsx'
import { type ReactNode, useId } from 'react'
import { DialogTrigger, Popover } from 'react-aria-components'
import { Icon } from '../../ui/icon.tsx'
import menu from '../../ui/menu.module.css'
import { Button } from '../../ui/widgets.tsx'
import css from './fact-popover.module.css'

export function FactPopover({
  short,
  title,
  wide = false,
  children,
}: {
  short: string
  title: string
  /** For a table. */
  wide?: boolean
  children: ReactNode
}) {
  const heading = useId()
  return (
    <DialogTrigger>
      <Button look="quiet" className={css.open}>
        {short}
        <Icon name="down" />
      </Button>
      <Popover
        className={clsx(menu.float, menu.card, css.card, wide && css.wide)}
        placement="bottom start"
        aria-labelledby={heading}
      >
        <h2 id={heading}>{title}</h2>
        {children}
      </Popover>
    </DialogTrigger>
  )
}
