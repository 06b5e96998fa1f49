/** What every option of a long list has of which only a part is rendered. */

export type OptionPlace = {
  /** Pixels from the top of the list. */
  readonly top: number
  readonly chosen: boolean
  /** Its place among all options, from 1, and how many there are. */
  readonly at: number
  readonly of: number
}

export function optionProps({ top, chosen, at, of }: OptionPlace) {
  return {
    role: 'option',
    'aria-selected': chosen,
    'aria-posinset': at,
    'aria-setsize': of,
    tabIndex: -1,
    style: { transform: `translateY(${top}px)` },
  } as const
}
