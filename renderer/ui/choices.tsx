/** Checkboxes, radio buttons and switches: React Aria's with our styles. */
import { clsx } from 'clsx'
import type { ReactNode } from 'react'
import { Checkbox as AriaCheckbox, Switch as AriaSwitch, Radio } from 'react-aria-components'
import css from './choices.module.css'

export function Choice({ value, text }: { value: string; text: string }) {
  return (
    <Radio className={clsx(css.choice, css.round)} value={value}>
      <span className={css.mark} data-mark />
      {text}
    </Radio>
  )
}

export function Checkbox(props: {
  text: ReactNode
  ticked: boolean
  change: (ticked: boolean) => void
  title?: string
}) {
  return (
    <AriaCheckbox className={css.choice} isSelected={props.ticked} onChange={props.change}>
      <span className={css.mark} data-mark />
      <span title={props.title}>{props.text}</span>
    </AriaCheckbox>
  )
}

export function Switch(props: { on: boolean; change: (on: boolean) => void; children: ReactNode }) {
  return (
    <AriaSwitch className={clsx(css.choice, css.switch)} isSelected={props.on} onChange={props.change}>
      <span className={css.track} data-mark />
      {props.children}
    </AriaSwitch>
  )
}
