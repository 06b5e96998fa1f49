/** The title of the dialog, and its close button. */
import type { ReactNode } from 'react'
import { Heading } from 'react-aria-components'
import { Icon } from '../../ui/icon.tsx'
import { Button } from '../../ui/widgets.tsx'
import parts from './connect-parts.module.css'

export function DialogHead({ children, close }: { children: ReactNode; close: () => void }) {
  return (
    <header>
      <Heading slot="title" className={parts.title}>
        {children}
      </Heading>
      <Button look="quiet" aria-label="Close" onPress={close}>
        <Icon name="close" />
      </Button>
    </header>
  )
}
