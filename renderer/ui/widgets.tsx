/** Small shared widgets: button, key hint, tag, unknown value. */
import type { ReactNode } from 'react'
import { Button as AriaButton, type ButtonProps } from 'react-aria-components'
import { Icon } from './icon.tsx'

type Look = 'plain' | 'quiet' | 'primary' | 'stop'

/**
 * React Aria's button with our styles. `quiet` for tools, `primary` for the main action, `stop` for ending something.
 */
export function Button({
  look = 'plain',
  className,
  ...rest
}: Omit<ButtonProps, 'className'> & { look?: Look; className?: string }) {
  return <AriaButton {...rest} className={['button', look, className].filter(Boolean).join(' ')} />
}

export function KeyHint({ children }: { children: ReactNode }) {
  return <kbd>{children}</kbd>
}

/** For a value that cannot be read or is not reported. `why` is the tooltip. */
export function UnknownText({ why, children = 'unknown' }: { why?: string; children?: ReactNode }) {
  return (
    <span className="unknown" title={why}>
      {children}
    </span>
  )
}

/** The tag of test listeners and their groups. */
export function LabTag({ children = 'lab' }: { children?: ReactNode }) {
  return (
    <span className="tag lab" title="Lab test listeners">
      <Icon name="lab" />
      {children}
    </span>
  )
}

/** At most three words about the thing beside it. */
export function Tag({ look = 'plain', children }: { look?: 'plain' | 'warn' | 'critical'; children: ReactNode }) {
  return <span className={look === 'plain' ? 'tag' : `tag ${look}`}>{children}</span>
}
