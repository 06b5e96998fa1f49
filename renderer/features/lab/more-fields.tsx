/** The fields of a form that most people leave as they are, behind a button. */
import { clsx } from 'clsx'
import type { ReactNode } from 'react'
import { Disclosure, DisclosurePanel } from 'react-aria-components'
import { Icon } from '../../ui/icon.tsx'
import { Button } from '../../ui/widgets.tsx'
import css from './more-fields.module.css'

/** `opened`: whether they are shown at first. */
export function MoreFields(props: { opened?: boolean; className?: string | undefined; children: ReactNode }) {
  const { opened = false, className, children } = props
  return (
    <Disclosure className={clsx(css.more, className)} defaultExpanded={opened}>
      <Button look="quiet" slot="trigger">
        <Icon name="right" />
        More options
      </Button>
      <DisclosurePanel>{children}</DisclosurePanel>
    </Disclosure>
  )
}
