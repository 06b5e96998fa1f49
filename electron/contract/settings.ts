/** Persistent settings. A damaged or newer file is set aside, and the defaults apply. */
import { z } from 'zod'
import { list } from './list.ts'
import { GroupId } from './model.ts'

const fields = {
  intervalMs: z.number().int().min(100, 'at least 100 ms').max(60_000, 'at most 60,000 ms (a minute)'),
  theme: z.enum(['system', 'light', 'dark']),
  unsharedSockets: z.boolean(),
  filter: z.string().max(1000),
  sort: z.object({ column: z.string().max(40), descending: z.boolean() }),
  hiddenColumns: list(z.string().max(40)).max(40),
  /** The columns in the order of the user; others follow in theirs. */
  columnOrder: list(z.string().max(40)).max(40),
  density: z.enum(['compact', 'comfortable']),
  groupBy: z.enum(['none', 'process', 'unit', 'port', 'namespace']),
  /** Groups that stay at the top, by id. */
  pinnedGroups: list(GroupId).max(100),
  savedFilters: list(z.object({ name: z.string().min(1).max(40), filter: z.string().max(1000) })).max(40),
  /** Widths of resized columns, in rem. */
  columnWidths: z
    .record(z.string().max(40), z.number().min(1).max(100))
    .refine((widths) => Object.keys(widths).length <= 40, 'at most 40 columns'),
  mutedFindings: list(z.string().max(200)).max(1000),
  /** Of some of these, when they are heard again. */
  mutedUntil: z
    .record(z.string().max(200), z.iso.datetime())
    .refine((muted) => Object.keys(muted).length <= 1000, 'at most 1,000 findings'),
}

/** Columns that are shown only where the user wants them: their numbers need permissions that most users do not have. */
export const COLUMNS_HIDDEN_AT_FIRST: readonly string[] = ['given', 'accepted']

export const Settings = z.object({
  intervalMs: fields.intervalMs.default(1000),
  theme: fields.theme.default('system'),
  unsharedSockets: fields.unsharedSockets.default(false),
  filter: fields.filter.default(''),
  sort: fields.sort.default({ column: 'state', descending: true }),
  hiddenColumns: fields.hiddenColumns.default([...COLUMNS_HIDDEN_AT_FIRST]),
  columnOrder: fields.columnOrder.default([]),
  density: fields.density.default('compact'),
  groupBy: fields.groupBy.default('none'),
  pinnedGroups: fields.pinnedGroups.default([]),
  savedFilters: fields.savedFilters.default([]),
  columnWidths: fields.columnWidths.default({}),
  mutedFindings: fields.mutedFindings.default([]),
  mutedUntil: fields.mutedUntil.default({}),
})
export type Settings = z.infer<typeof Settings>

/** A partial change. Made from the fields without defaults: a default would change settings that were not given. */
export const SettingsChange = z.object(fields).partial()
export type SettingsChange = z.infer<typeof SettingsChange>

/** The ids and codes of the findings that are muted at `now`, in milliseconds since 1970. */
export function mutedAt({ mutedFindings, mutedUntil }: Pick<Settings, 'mutedFindings' | 'mutedUntil'>, now: number) {
  return mutedFindings.filter((name) => {
    const until = mutedUntil[name]
    return until === undefined || Date.parse(until) > now
  })
}
