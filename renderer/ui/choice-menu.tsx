/** A few choices behind a quiet button that shows the current one. */
import type { ReactNode } from 'react'
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import { Icon } from './icon.tsx'
import menu from './menu.module.css'
import text from './text.module.css'
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
        <span className={text.hidden}>{label}:</span>
        {children}
        <Icon name="down" dim />
      </Button>
      <Popover className={menu.float} placement={placement}>
        <Menu className={menu.menu} aria-label={label} selectionMode="single" selectedKeys={[chosen]}>
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
