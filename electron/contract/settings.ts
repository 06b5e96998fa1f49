/** What is remembered between two starts. A damaged or newer file is set aside, and the defaults are used. */
import { z } from 'zod'

export const Settings = z.object({
  intervalMs: z.number().int().min(100, 'at least 100 ms').max(60_000, 'at most 60,000 ms (a minute)').default(1000),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  plainSockets: z.boolean().default(false),
  filter: z.string().max(1000).default(''),
  sort: z
    .object({ column: z.string().max(40), descending: z.boolean() })
    .default({ column: 'state', descending: true }),
  hiddenColumns: z.array(z.string().max(40)).max(40).default([]),
  historyMinutes: z.number().int().min(15).max(240).default(15),
  mutedFindings: z.array(z.string().max(200)).max(1000).default([]),
})
export type Settings = z.infer<typeof Settings>

export const SettingsChange = Settings.partial()
export type SettingsChange = z.infer<typeof SettingsChange>
