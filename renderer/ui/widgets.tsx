/** Small shared widgets: button, key hint, tag, unknown value. */
import { clsx } from 'clsx'
import type { ReactNode } from 'react'
import { Button as AriaButton, type ButtonProps } from 'react-aria-components'
import control from './control.module.css'
import { Icon } from './icon.tsx'
import css from './widgets.module.css'

type Look = 'plain' | 'quiet' | 'primary' | 'stop'

/**
 * React Aria's button with our styles. `quiet` for tools, `primary` for the main action, `stop` for ending something.
 */
export function Button({
  look = 'plain',
  className,
  ...rest
}: Omit<ButtonProps, 'className'> & { look?: Look; className?: string }) {
  return <AriaButton {...rest} className={clsx(buttonClass(look), className)} />
}

/** For what looks like a button and is none of ours: links, toggles. */
export function buttonClass(look: Look = 'plain'): string {
  return clsx(control.control, css.button, look !== 'plain' && css[look])
}

export function KeyHint({ children }: { children: ReactNode }) {
  return <kbd>{children}</kbd>
}

/** For a value that cannot be read or is not reported. `why` is the tooltip. */
export function UnknownText({ why, children = 'unknown' }: { why?: string; children?: ReactNode }) {
  return (
    <span className={css.unknown} title={why}>
      {children}
    </span>
  )
}

/** The tag of test listeners and their groups. */
export function LabTag({ className, children = 'lab' }: { className?: string; children?: ReactNode }) {
  return (
    <span className={clsx(css.tag, css.lab, className)} title="Lab test listeners">
      <Icon name="lab" />
      {children}
    </span>
  )
}

/** At most three words about the thing beside it. */
export function Tag(props: {
  look?: 'plain' | 'warn' | 'critical'
  title?: string
  className?: string
  children: ReactNode
}) {
  const { look = 'plain', title, className, children } = props
  return (
    <span className={clsx(css.tag, look !== 'plain' && css[look], className)} title={title}>
      {children}
    </span>
  )
}

/** A recipe is running. */
export function RunningDot({ label }: { label: string }) {
  return <span className={css.running} role="img" aria-label={label} />
}
