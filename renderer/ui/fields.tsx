/** Form fields: React Aria's with our styles, each with its label above. */
import type { ReactNode } from 'react'
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
import { Icon } from './icon.tsx'

/** Common to all fields. `wrongBy`: the id of the element with the error message; null if valid. */
type FieldProps = { label: string; wrongBy?: string | null; className?: string }

function classOf(className: string | undefined): string {
  return className === undefined ? 'field' : `field ${className}`
}

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
      className={classOf(className)}
      value={value ?? Number.NaN}
      formatOptions={{ useGrouping: !plain, maximumFractionDigits: whole ? 0 : 3 }}
      onChange={(given) => change(Number.isNaN(given) ? null : given)}
      {...wrongProps(wrongBy)}
    >
      <Label className="label">{label}</Label>
      <Input className={plain ? 'box mono' : 'box right'} {...(empty === undefined ? {} : { placeholder: empty })} />
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
      className={classOf(className)}
      value={value}
      onChange={change}
      maxLength={most}
      {...wrongProps(wrongBy)}
    >
      <Label className="label">{label}</Label>
      <Input className="box mono" list={list} spellCheck="false" autoComplete="off" />
      <datalist id={list}>
        {suggestions.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </AriaTextField>
  )
}

/** One of a few options, all visible. */
export function SegmentedControl<Name extends string>(
  props: FieldProps & {
    value: Name
    change: (name: Name) => void
    options: readonly (readonly [Name, string])[]
  },
) {
  const { label, value, change, options, wrongBy, className } = props
  return (
    <RadioGroup
      className={classOf(className)}
      orientation="horizontal"
      value={value}
      onChange={(chosen) => {
        const option = options.find(([name]) => name === chosen)
        if (option !== undefined) change(option[0])
      }}
      {...wrongProps(wrongBy)}
    >
      <Label className="label">{label}</Label>
      <span className="segmented">
        {options.map(([name, text]) => (
          <Radio key={name} className="segment" value={name}>
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
      className={classOf(className)}
      value={value}
      onChange={(chosen) => {
        const option = options.find(({ name }) => name === chosen)
        if (option !== undefined) change(option.name)
      }}
      {...wrongProps(wrongBy)}
    >
      <Label className="label">{label}</Label>
      <AriaButton className="box">
        <SelectValue>{({ selectedText }) => selectedText}</SelectValue>
        <Icon name="down" className="dim" />
      </AriaButton>
      <Popover className="float">
        <ListBox className="menu">
          {options.map(({ name, text, aside }) => (
            <ListBoxItem key={name} id={name} textValue={text}>
              <Icon name="check" />
              <span className="label">{text}</span>
              {aside !== undefined && <span className="aside">{aside}</span>}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  )
}

export function Choice({ value, text }: { value: string; text: string }) {
  return (
    <Radio className="choice round" value={value}>
      <span className="mark" />
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
    <AriaCheckbox className="choice" isSelected={props.ticked} onChange={props.change}>
      <span className="mark" />
      <span title={props.title}>{props.text}</span>
    </AriaCheckbox>
  )
}
