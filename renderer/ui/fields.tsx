/** What forms are made of: React Aria's fields in our looks, each with its label above. */
import type { ReactNode } from 'react'
import {
  Button as AriaButton,
  Checkbox,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  NumberField,
  Popover,
  Radio,
  RadioGroup,
  Select,
  SelectValue,
  TextField,
} from 'react-aria-components'
import { Icon } from './icon.tsx'

/** What every field can have. `wrongBy`: the id of the words that say what is wrong with it; null where nothing is. */
type FieldProps = { label: string; wrongBy?: string | null; className?: string }

function classOf(className: string | undefined): string {
  return className === undefined ? 'field' : `field ${className}`
}

function wrongProps(wrongBy: string | null | undefined) {
  return wrongBy == null ? {} : { isInvalid: true, 'aria-describedby': wrongBy }
}

/**
 * `value` null is an empty box, for which `empty` says what it means; without `empty` a number has to be given. Its
 * bounds are the contract's: what is out of them stays as it was typed, and is refused with the bound where it is asked for.
 */
export function NumberBox(
  props: FieldProps & {
    value: number | null
    change: (value: number | null) => void
    empty?: string
    /** Written without separators, as ports are. */
    plain?: boolean
    whole?: boolean
  },
) {
  const { label, value, change, empty, plain = false, whole = true, wrongBy, className } = props
  return (
    <NumberField
      className={classOf(className)}
      value={value ?? Number.NaN}
      formatOptions={{ useGrouping: !plain, maximumFractionDigits: whole ? 0 : 3 }}
      onChange={(given) => change(Number.isNaN(given) ? null : given)}
      {...wrongProps(wrongBy)}
    >
      <Label className="label">{label}</Label>
      <Input className={plain ? 'box mono' : 'box right'} {...(empty === undefined ? {} : { placeholder: empty })} />
    </NumberField>
  )
}

/** `suggestions` are offered, and anything else may be typed. */
export function TextBox(
  props: FieldProps & { value: string; change: (value: string) => void; suggestions?: readonly string[]; most: number },
) {
  const { label, value, change, suggestions = [], most, wrongBy, className } = props
  const list = `${label.toLowerCase().replaceAll(' ', '-')}-suggestions`
  return (
    <TextField className={classOf(className)} value={value} onChange={change} maxLength={most} {...wrongProps(wrongBy)}>
      <Label className="label">{label}</Label>
      <Input className="box mono" list={list} spellCheck="false" autoComplete="off" />
      <datalist id={list}>
        {suggestions.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </TextField>
  )
}

/** One of a few, all in sight. */
export function Segments<Name extends string>(
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

/** One of many. `aside` stands beside the name. */
export function Chooser<Name extends string>(
  props: FieldProps & {
    value: Name
    change: (name: Name) => void
    options: readonly { name: Name; text: string; aside?: string }[]
  },
) {
  const { label, value, change, options, wrongBy, className } = props
  return (
    <Select
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
    </Select>
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

export function Tick(props: { text: ReactNode; ticked: boolean; change: (ticked: boolean) => void; title?: string }) {
  return (
    <Checkbox className="choice" isSelected={props.ticked} onChange={props.change}>
      <span className="mark" />
      <span title={props.title}>{props.text}</span>
    </Checkbox>
  )
}
