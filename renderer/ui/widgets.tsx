/** The small shared pieces: a button, a key, a tag, a value that is not known. */
import type { ReactNode } from 'react'
import { Button as AriaButton, type ButtonProps } from 'react-aria-components'
import { Icon } from './icon.tsx'

type Look = 'plain' | 'quiet' | 'primary' | 'stop'

/** React Aria's button in our looks. `quiet` for tools, `primary` for the one way on, `stop` for what ends something. */
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

/** For a value that may not be read or is not told. `why` is shown on hover and read out. */
export function UnknownText({ why, children = 'unknown' }: { why?: string; children?: ReactNode }) {
  return (
    <span className="unknown" title={why}>
      {children}
    </span>
  )
}

/** The mark of what is our own: test listeners, and the groups that they make. */
export function LabTag({ children = 'lab' }: { children?: ReactNode }) {
  return (
    <span className="tag lab" title="Test listeners of the lab">
      <Icon name="lab" />
      {children}
    </span>
  )
}

/** At most three words about the thing beside it. */
export function Tag({ look = 'plain', children }: { look?: 'plain' | 'warn' | 'critical'; children: ReactNode }) {
  return <span className={look === 'plain' ? 'tag' : `tag ${look}`}>{children}</span>
}
