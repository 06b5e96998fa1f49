/** Moves keyboard focus between the filter and the filtered list. */

export const FILTER_INPUT_ID = 'filter'

export function focusFilter(): void {
  document.getElementById(FILTER_INPUT_ID)?.focus()
}

/** Focuses the filtered table or list, or the screen if it has neither. */
export function focusTable(): void {
  const table =
    document.querySelector<HTMLElement>('#content [role="grid"], #content [role="listbox"]') ??
    document.getElementById('content')
  table?.focus()
}
