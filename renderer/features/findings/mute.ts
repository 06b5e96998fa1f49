/** Muting of findings, stored by the engine in the settings. */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import { usePageStore } from '../../model/store/context.ts'
import { visibleText } from '../../ui/visible-text.ts'

const HOUR_MS = 3_600_000
/** For how long a finding can be muted; null: until it is unmuted. */
export const MUTE_TIMES = { hour: HOUR_MS, day: 24 * HOUR_MS, forever: null } as const
const MUTED_FOR = { hour: 'for an hour', day: 'for a day', forever: 'forever' } as const
export type MuteTime = keyof typeof MUTE_TIMES

type Muting = {
  /** Mutes a single finding by its id, or a whole type by its code. A notice can undo it. */
  readonly mute: (name: string, time: MuteTime) => void
  /** Removes everything that mutes this finding: its id and its code. */
  readonly unmute: (finding: Pick<FindingRow, 'id' | 'code'>) => void
}

export function useMuting(): Muting {
  const { session, changeSettings, notices } = usePageStore()
  const change = (without: readonly string[], added: string | null, until: string | null) => {
    const { mutedFindings = [], mutedUntil = {} } = session.getState().settings ?? {}
    const times = Object.entries(mutedUntil).filter(([name]) => !without.includes(name))
    void changeSettings({
      mutedFindings: [...mutedFindings.filter((name) => !without.includes(name)), ...(added === null ? [] : [added])],
      mutedUntil: Object.fromEntries(added === null || until === null ? times : [...times, [added, until]]),
    })
  }
  return {
    mute(name, time) {
      const { mutedFindings = [], mutedUntil = {} } = session.getState().settings ?? {}
      const before = mutedFindings.includes(name) ? name : null
      const ms = MUTE_TIMES[time]
      change([name], name, ms === null ? null : new Date(Date.now() + ms).toISOString())
      notices.show({
        text: `Muted ${MUTED_FOR[time]}: ${visibleText(name.split(':', 1)[0] ?? '')}${name.includes(':') ? ' in this group' : ''}.`,
        action: { name: 'Undo', run: () => change([name], before, mutedUntil[name] ?? null) },
      })
    },
    unmute({ id, code }) {
      change([id, code], null, null)
    },
  }
}
