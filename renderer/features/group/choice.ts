/** The chosen member by its id, and how another one is chosen. */
export type Choice = { readonly chosen: string | null; readonly choose: (id: string | null) => void }
