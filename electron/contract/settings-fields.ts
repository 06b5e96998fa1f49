/** The settings, without their defaults. */
import { z } from 'zod'
import { list } from './list.ts'
import { GroupId } from './model.ts'

export const settingsFields = {
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
  /** Desktop notifications of critical findings, where the browser allows them. */
  notifyOnCritical: z.boolean(),
}

export type SettingsValues = z.infer<z.ZodObject<typeof settingsFields>>
