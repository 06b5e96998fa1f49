/** Menus that open from a button. */
import type { ReactNode } from 'react'
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import { Icon } from './icon.tsx'
import menu from './menu.module.css'
import text from './text.module.css'
import { Button } from './widgets.tsx'

type Placement = 'bottom start' | 'bottom end'

/** `chosen`: the key of the item with the check mark, where one can have it. `choose` gets the key of an item. */
export function FloatingMenu(props: {
  label: string
  button: ReactNode
  placement: Placement
  chosen?: string | number
  choose: (key: string) => void
  children: ReactNode
}) {
  const { label, button, placement, chosen, choose, children } = props
  return (
    <MenuTrigger>
      {button}
      <Popover className={menu.float} placement={placement}>
        <Menu
          className={menu.menu}
          aria-label={label}
          onAction={(key) => choose(String(key))}
          {...(chosen === undefined ? {} : { selectionMode: 'single', selectedKeys: [chosen] })}
        >
          {children}
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}

/** A few choices behind a quiet button that shows the current one. */
export function ChoiceMenu<Value extends number>(props: {
  label: string
  chosen: Value
  choices: readonly { value: Value; text: string }[]
  choose: (value: Value) => void
  placement?: Placement
  className?: string
  /** What the button shows. */
  children: ReactNode
}) {
  const { label, chosen, choices, choose, placement = 'bottom end', className, children } = props
  const button = (
    <Button look="quiet" {...(className === undefined ? {} : { className })}>
      <span className={text.hidden}>{label}:</span>
      {children}
      <Icon name="down" dim />
    </Button>
  )
  const take = (key: string) => {
    const choice = choices.find(({ value }) => String(value) === key)
    if (choice !== undefined) choose(choice.value)
  }
  return (
    <FloatingMenu label={label} button={button} placement={placement} chosen={chosen} choose={take}>
      {choices.map(({ value, text }) => (
        <MenuItem key={value} id={value} textValue={text}>
          <Icon name="check" />
          {text}
        </MenuItem>
      ))}
    </FloatingMenu>
  )
}
