/** Form fields: React Aria's with our styles, each with its label above. */
import { clsx } from 'clsx'
import { memo, type ReactNode } from 'react'
import {
  Button as AriaButton,
  Checkbox as AriaCheckbox,
  NumberField as AriaNumberField,
  Select as AriaSelect,
  TextField as AriaTextField,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Radio,
  RadioGroup,
  SelectValue,
} from 'react-aria-components'
import css from './fields.module.css'
import { Icon } from './icon.tsx'
import menu from './menu.module.css'

/** Common to all fields. `wrongBy`: the id of the element with the error message; null if valid. */
type FieldProps = { label: string; wrongBy?: string | null; className?: string }

function wrongProps(wrongBy: string | null | undefined) {
  return wrongBy == null ? {} : { isInvalid: true, 'aria-describedby': wrongBy }
}

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
      className={clsx(css.field, className)}
      value={value ?? Number.NaN}
      formatOptions={{ useGrouping: !plain, maximumFractionDigits: whole ? 0 : 3 }}
      onChange={(given) => change(Number.isNaN(given) ? null : given)}
      {...wrongProps(wrongBy)}
    >
      <Label className={css.label}>{label}</Label>
      <Input
        className={clsx(css.box, plain ? css.mono : css.right)}
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
      className={clsx(css.field, className)}
      value={value}
      onChange={change}
      maxLength={most}
      {...wrongProps(wrongBy)}
    >
      <Label className={css.label}>{label}</Label>
      <Input className={clsx(css.box, css.mono)} list={list} spellCheck="false" autoComplete="off" />
      <datalist id={list}>
        {suggestions.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </AriaTextField>
  )
}

/** One of a few options, all visible. */
export const SegmentedControl = memo(SegmentedControlOf) as typeof SegmentedControlOf

function SegmentedControlOf<Name extends string>(
  props: FieldProps & {
    value: Name
    change: (name: Name) => void
    options: readonly (readonly [Name, string])[]
    /** As wide as its cell. */
    stretch?: boolean
    /** Where the label is; hidden where what surrounds it says enough. */
    labeled?: 'above' | 'beside' | 'hidden'
  },
) {
  const { label, value, change, options, stretch = false, labeled = 'above', wrongBy, className } = props
  return (
    <RadioGroup
      className={clsx(css.field, stretch && css.stretch, labeled === 'beside' && css.beside, className)}
      {...(labeled === 'hidden' ? { 'aria-label': label } : {})}
      orientation="horizontal"
      value={value}
      onChange={(chosen) => {
        const option = options.find(([name]) => name === chosen)
        if (option !== undefined) change(option[0])
      }}
      {...wrongProps(wrongBy)}
    >
      {labeled !== 'hidden' && <Label className={css.label}>{label}</Label>}
      <span className={css.segmented}>
        {options.map(([name, text]) => (
          <Radio key={name} className={css.segment} value={name}>
            {text}
          </Radio>
        ))}
      </span>
    </RadioGroup>
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
      className={clsx(css.field, className)}
      value={value}
      onChange={(chosen) => {
        const option = options.find(({ name }) => name === chosen)
        if (option !== undefined) change(option.name)
      }}
      {...wrongProps(wrongBy)}
    >
      <Label className={css.label}>{label}</Label>
      <AriaButton className={css.box}>
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
    <fieldset className={clsx(css.field, props.className)} aria-label={props.label}>
      <span className={css.label} aria-hidden="true">
        {props.label}
      </span>
      {props.children}
    </fieldset>
  )
}

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
