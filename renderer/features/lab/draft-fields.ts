/** Connects the fields of a form with the values of its draft, by name. */

/** The names of the values of this type. */
type NamesOf<Draft, Value> = { [Name in keyof Draft]: Draft[Name] extends Value ? Name : never }[keyof Draft] & string

/** `wrongBy`: the id of the element that says what is wrong with a field; null if it is valid. */
export function draftFields<Draft extends object>(
  draft: Draft,
  set: (change: Partial<Draft>) => void,
  wrongBy: (field: string) => string | null,
) {
  const change = <Name extends keyof Draft>(name: Name, value: Draft[Name]) => {
    const changed: Partial<Draft> = {}
    changed[name] = value
    set(changed)
  }
  return {
    field: <Name extends keyof Draft & string>(name: Name) => ({
      value: draft[name],
      change: (value: Draft[Name]) => change(name, value),
      wrongBy: wrongBy(name),
    }),
    /** A number that is required: an empty field is none, which is rejected on submit. */
    number: (name: NamesOf<Draft, number>) => ({
      value: Number(draft[name]),
      change: (value: number | null) => set({ [name]: value ?? Number.NaN } as Partial<Draft>),
      wrongBy: wrongBy(name),
    }),
    /** For a checkbox. */
    tick: (name: NamesOf<Draft, boolean>) => ({
      ticked: draft[name] === true,
      change: (value: boolean) => set({ [name]: value } as Partial<Draft>),
    }),
  }
}
