/** One of a few names in a row, with its label beside it. */
import { memo } from 'react'
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components'
import css from './segments.module.css'

/** Re-rendered when it changes, not at every refresh. */
export const Segments = memo(SegmentsOf) as typeof SegmentsOf

function SegmentsOf<Name extends string>({
  label,
  names,
  options,
  chosen,
  choose,
}: {
  label: string
  names: Record<Name, string>
  options: readonly Name[]
  chosen: Name
  choose: (name: Name) => void
}) {
  return (
    <>
      <span className={css.label} aria-hidden="true">
        {label}
      </span>
      <ToggleButtonGroup
        className={css.segments}
        aria-label={label}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[chosen]}
        onSelectionChange={(keys) => {
          const [key] = keys
          const name = options.find((one) => one === key)
          if (name !== undefined) choose(name)
        }}
      >
        {options.map((name) => (
          <ToggleButton key={name} id={name}>
            {names[name]}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </>
  )
}
