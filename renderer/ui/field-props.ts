/** What all form fields take. */

/** Common to all fields. `wrongBy`: the id of the element with the error message; null if valid. */
export type FieldProps = { label: string; wrongBy?: string | null; className?: string }

/** The attributes of a field that is wrong. */
export function wrongProps(wrongBy: string | null | undefined) {
  return wrongBy == null ? {} : { isInvalid: true, 'aria-describedby': wrongBy }
}
