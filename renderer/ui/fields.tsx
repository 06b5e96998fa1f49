/** Form fields: React Aria's with our styles, each with its label above. */
import { clsx } from 'clsx'
import type { ReactNode } from 'react'
import {
  Button as AriaButton,
  NumberField as AriaNumberField,
  Select as AriaSelect,
  TextField as AriaTextField,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
} from 'react-aria-components'
import control from './control.module.css'
import field from './field.module.css'
import { type FieldProps, wrongProps } from './field-props.ts'
import css from './fields.module.css'
import { Icon } from './icon.tsx'
import menu from './menu.module.css'

/**
 * `value` null is an empty field; `empty` says what that means, without it a number is required. The limits are the
 * contract's: a value outside them stays as typed, and is rejected with the limit on submit.
 */
export function NumberField(
  props: FieldProps & {
    value: number | null
    change: (value: number | null) => void
    empty?: string
    /** Without thousands separators, for ports. */
    plain?: boolean
    whole?: boolean
  },
) {
  const { label, value, change, empty, plain = false, whole = true, wrongBy, className } = props
  return (
    <AriaNumberField
      className={clsx(field.field, className)}
      value={value ?? Number.NaN}
      formatOptions={{ useGrouping: !plain, maximumFractionDigits: whole ? 0 : 3 }}
      onChange={(given) => change(Number.isNaN(given) ? null : given)}
      {...wrongProps(wrongBy)}
    >
      <Label className={field.label}>{label}</Label>
      <Input
        className={clsx(control.control, css.box, plain ? css.mono : css.right)}
        {...(empty === undefined ? {} : { placeholder: empty })}
      />
    </AriaNumberField>
  )
}

/** `suggestions` are offered, but any text is accepted. */
export function TextField(
  props: FieldProps & { value: string; change: (value: string) => void; suggestions?: readonly string[]; most: number },
) {
  const { label, value, change, suggestions = [], most, wrongBy, className } = props
  const list = `${label.toLowerCase().replaceAll(' ', '-')}-suggestions`
  return (
    <AriaTextField
      className={clsx(field.field, className)}
      value={value}
      onChange={change}
      maxLength={most}
      {...wrongProps(wrongBy)}
    >
      <Label className={field.label}>{label}</Label>
      <Input className={clsx(control.control, css.box, css.mono)} list={list} spellCheck="false" autoComplete="off" />
      <datalist id={list}>
        {suggestions.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </AriaTextField>
  )
}

/** One of many options. `aside` is shown beside the name. */
export function Select<Name extends string>(
  props: FieldProps & {
    value: Name
    change: (name: Name) => void
    options: readonly { name: Name; text: string; aside?: string }[]
  },
) {
  const { label, value, change, options, wrongBy, className } = props
  return (
    <AriaSelect
      className={clsx(field.field, className)}
      value={value}
      onChange={(chosen) => {
        const option = options.find(({ name }) => name === chosen)
        if (option !== undefined) change(option.name)
      }}
      {...wrongProps(wrongBy)}
    >
      <Label className={field.label}>{label}</Label>
      <AriaButton className={clsx(control.control, css.box)}>
        <SelectValue>{({ selectedText }) => selectedText}</SelectValue>
        <Icon name="down" dim />
      </AriaButton>
      <Popover className={menu.float}>
        <ListBox className={menu.menu}>
          {options.map(({ name, text, aside }) => (
            <ListBoxItem key={name} id={name} textValue={text}>
              <Icon name="check" />
              <span>{text}</span>
              {aside !== undefined && <span className={menu.aside}>{aside}</span>}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  )
}

/** Several checkboxes under one label. */
export function FieldGroup(props: { label: string; className?: string; children: ReactNode }) {
  return (
    <fieldset className={clsx(field.field, props.className)} aria-label={props.label}>
      <span className={field.label} aria-hidden="true">
        {props.label}
      </span>
      {props.children}
    </fieldset>
  )
}
