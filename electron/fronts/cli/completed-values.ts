/** What `values` lists, by kind: the shells' completion asks for it. */
export const VALUE_KINDS = ['groups', 'ports', 'netns', 'users', 'codes', 'filter'] as const
export type ValueKind = (typeof VALUE_KINDS)[number]

/** The options whose values are listed, in every command that has them. */
export const VALUES_OF_OPTIONS: Readonly<Record<string, ValueKind>> = {
  '--netns': 'netns',
  '--user': 'users',
  '--finding': 'codes',
  '--code': 'codes',
  '--ignore': 'codes',
  '--filter': 'filter',
}
