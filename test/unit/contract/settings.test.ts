import { expect, it } from 'vitest'
import { Settings, SettingsChange } from '../../../electron/contract/settings.ts'

it('an empty file means the defaults', () => {
  expect(Settings.parse({})).toMatchObject({ intervalMs: 1000, theme: 'system', mutedFindings: [] })
})
it('a change sets what it names and nothing else', () => {
  expect(SettingsChange.parse({ theme: 'dark' })).toEqual({ theme: 'dark' })
})
it.each([{ intervalMs: 99 }, { intervalMs: 1.5 }, { intervalMs: '1000' }, { theme: 'blue' }])(
  '%j is refused',
  (change) => {
    expect(SettingsChange.safeParse(change).success).toBe(false)
  },
)
