/** The settings of a user who has chosen none. Separate from their schemas: the page starts without loading zod. */
import type { SettingsValues } from './settings-fields.ts'

/** Columns that are shown only where the user wants them: their numbers need permissions that most users do not have. */
export const COLUMNS_HIDDEN_AT_FIRST: readonly string[] = ['given', 'accepted']

export const DEFAULT_SETTINGS: Readonly<SettingsValues> = {
  intervalMs: 1000,
  theme: 'system',
  unsharedSockets: false,
  filter: '',
  sort: { column: 'state', descending: true },
  hiddenColumns: [...COLUMNS_HIDDEN_AT_FIRST],
  columnOrder: [],
  density: 'compact',
  groupBy: 'none',
  pinnedGroups: [],
  savedFilters: [],
  columnWidths: {},
  mutedFindings: [],
  mutedUntil: {},
  notifyOnCritical: false,
}

/** The ids and codes of the findings that are muted at `now`, in milliseconds since 1970. */
export function mutedAt(
  { mutedFindings, mutedUntil }: Pick<SettingsValues, 'mutedFindings' | 'mutedUntil'>,
  now: number,
) {
  return mutedFindings.filter((name) => {
    const until = mutedUntil[name]
    return until === undefined || Date.parse(until) > now
  })
}
