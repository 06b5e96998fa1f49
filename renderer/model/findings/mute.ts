/** Muting of findings, stored by the engine in the settings. */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import { countOf } from '../../ui/format.ts'
import { visibleText } from '../../ui/visible-text.ts'
import { usePageStore } from '../store/context.ts'

const HOUR_MS = 3_600_000
/** For how long a finding can be muted; null: until it is unmuted. */
export const MUTE_TIMES = { hour: HOUR_MS, day: 24 * HOUR_MS, forever: null } as const
const MUTED_FOR = { hour: 'for an hour', day: 'for a day', forever: 'forever' } as const
export type MuteTime = keyof typeof MUTE_TIMES

type Muting = {
  /** Mutes a single finding by its id, or a whole type by its code. A notice can undo it. */
  readonly mute: (name: string, time: MuteTime) => void
  /** The same for several findings of one group. */
  readonly muteAll: (ids: readonly string[], time: MuteTime) => void
  /** Removes everything that mutes these findings: their ids and codes. */
  readonly unmute: (...findings: readonly Pick<FindingRow, 'id' | 'code'>[]) => void
}

export function useMuting(): Muting {
  const { session, changeSettings, notices } = usePageStore()
  const change = (without: readonly string[], added: readonly string[], until: Readonly<Record<string, string>>) => {
    void changeSettings(({ mutedFindings, mutedUntil }) => {
      const times = Object.entries(mutedUntil).filter(([name]) => !without.includes(name))
      return {
        mutedFindings: [...mutedFindings.filter((name) => !without.includes(name)), ...added],
        mutedUntil: { ...Object.fromEntries(times), ...until },
      }
    })
  }
  const muteNames = (names: readonly string[], time: MuteTime, what: string) => {
    const { mutedFindings = [], mutedUntil = {} } = session.getState().settings ?? {}
    const before = mutedFindings.filter((name) => names.includes(name))
    const beforeUntil = Object.fromEntries(Object.entries(mutedUntil).filter(([name]) => before.includes(name)))
    const ms = MUTE_TIMES[time]
    const end = ms === null ? null : new Date(Date.now() + ms).toISOString()
    change(names, names, end === null ? {} : Object.fromEntries(names.map((name) => [name, end])))
    notices.show({
      text: `Muted ${MUTED_FOR[time]}: ${what}.`,
      action: { name: 'Undo', run: () => change(names, before, beforeUntil) },
    })
  }
  return {
    mute(name, time) {
      const [code = ''] = name.split(':', 1)
      muteNames([name], time, `${visibleText(code)}${name.includes(':') ? ' in this group' : ''}`)
    },
    muteAll(ids, time) {
      muteNames(ids, time, `${countOf(ids.length, 'finding')} in this group`)
    },
    unmute(...findings) {
      change(
        findings.flatMap(({ id, code }) => [id, code]),
        [],
        {},
      )
    },
  }
}
