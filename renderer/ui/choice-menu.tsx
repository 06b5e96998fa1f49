/** A few choices behind a quiet button that shows the current one. */
import type { ReactNode } from 'react'
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import { Icon } from './icon.tsx'
import { Button } from './widgets.tsx'

export function ChoiceMenu<Value extends number>(props: {
  label: string
  chosen: Value
  choices: readonly { value: Value; text: string }[]
  choose: (value: Value) => void
  placement?: 'bottom start' | 'bottom end'
  className?: string
  /** What the button shows. */
  children: ReactNode
}) {
  const { label, chosen, choices, choose, placement = 'bottom end', className, children } = props
  return (
    <MenuTrigger>
      <Button look="quiet" {...(className === undefined ? {} : { className })}>
        <span className="hidden-text">{label}:</span>
        {children}
        <Icon name="down" className="dim" />
      </Button>
      <Popover className="float" placement={placement}>
        <Menu className="menu" aria-label={label} selectionMode="single" selectedKeys={[chosen]}>
          {choices.map(({ value, text }) => (
            <MenuItem key={value} id={value} textValue={text} onAction={() => choose(value)}>
              <Icon name="check" />
              {text}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}
