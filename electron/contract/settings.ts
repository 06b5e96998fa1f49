/** Persistent settings. A damaged or newer file is set aside, and the defaults apply. */
import { z } from 'zod'
import { DEFAULT_SETTINGS } from './default-settings.ts'
import { settingsFields as fields } from './settings-fields.ts'

export const Settings = z.object({
  intervalMs: fields.intervalMs.default(DEFAULT_SETTINGS.intervalMs),
  theme: fields.theme.default(DEFAULT_SETTINGS.theme),
  unsharedSockets: fields.unsharedSockets.default(DEFAULT_SETTINGS.unsharedSockets),
  filter: fields.filter.default(DEFAULT_SETTINGS.filter),
  sort: fields.sort.default(DEFAULT_SETTINGS.sort),
  hiddenColumns: fields.hiddenColumns.default(DEFAULT_SETTINGS.hiddenColumns),
  columnOrder: fields.columnOrder.default(DEFAULT_SETTINGS.columnOrder),
  density: fields.density.default(DEFAULT_SETTINGS.density),
  groupBy: fields.groupBy.default(DEFAULT_SETTINGS.groupBy),
  pinnedGroups: fields.pinnedGroups.default(DEFAULT_SETTINGS.pinnedGroups),
  savedFilters: fields.savedFilters.default(DEFAULT_SETTINGS.savedFilters),
  columnWidths: fields.columnWidths.default(DEFAULT_SETTINGS.columnWidths),
  mutedFindings: fields.mutedFindings.default(DEFAULT_SETTINGS.mutedFindings),
  mutedUntil: fields.mutedUntil.default(DEFAULT_SETTINGS.mutedUntil),
  notifyOnCritical: fields.notifyOnCritical.default(DEFAULT_SETTINGS.notifyOnCritical),
})
export type Settings = z.infer<typeof Settings>

/** A partial change. Made from the fields without defaults: a default would change settings that were not given. */
export const SettingsChange = z.object(fields).partial()
export type SettingsChange = z.infer<typeof SettingsChange>
