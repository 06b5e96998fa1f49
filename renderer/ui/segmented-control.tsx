/** One of a few options, all visible. */
import { clsx } from 'clsx'
import { memo } from 'react'
import { Label, Radio, RadioGroup } from 'react-aria-components'
import field from './field.module.css'
import { type FieldProps, wrongProps } from './field-props.ts'
import css from './segmented-control.module.css'

export const SegmentedControl = memo(SegmentedControlOf) as typeof SegmentedControlOf

function SegmentedControlOf<Name extends string>(
  props: FieldProps & {
    /** Empty: none of them. */
    value: Name | ''
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
      className={clsx(field.field, labeled === 'beside' && field.beside, className)}
      {...(labeled === 'hidden' ? { 'aria-label': label } : {})}
      orientation="horizontal"
      value={value}
      onChange={(chosen) => {
        const option = options.find(([name]) => name === chosen)
        if (option !== undefined) change(option[0])
      }}
      {...wrongProps(wrongBy)}
    >
      {labeled !== 'hidden' && <Label className={field.label}>{label}</Label>}
      <span className={clsx(css.segmented, stretch && css.stretch)}>
        {options.map(([name, text]) => (
          <Radio key={name} className={css.segment} value={name}>
            {text}
          </Radio>
        ))}
      </span>
    </RadioGroup>
  )
}
