/** Where the keyboard goes between the filter and what it filters. */

export const FILTER_INPUT_ID = 'filter'

export function focusFilter(): void {
  document.getElementById(FILTER_INPUT_ID)?.focus()
}

/** To what is filtered; to the screen where no table or list stands. */
export function focusTable(): void {
  const table =
    document.querySelector<HTMLElement>('#content [role="grid"], #content [role="listbox"]') ??
    document.getElementById('content')
  table?.focus()
}
