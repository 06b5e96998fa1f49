/** Muting of findings, stored by the engine in the settings. */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import { usePageStore } from '../../model/store/context.ts'

type Muting = {
  /** Mutes a single finding by its id, or a whole type by its code, until `unmute`. */
  readonly mute: (name: string) => void
  /** Removes everything that mutes this finding: its id and its code. */
  readonly unmute: (finding: Pick<FindingRow, 'id' | 'code'>) => void
}

export function useMuting(): Muting {
  const { session, changeSettings } = usePageStore()
  const mutedNow = () => session.getState().settings?.mutedFindings ?? []
  return {
    mute(name) {
      const muted = mutedNow()
      if (!muted.includes(name)) void changeSettings({ mutedFindings: [...muted, name] })
    },
    unmute({ id, code }) {
      void changeSettings({ mutedFindings: mutedNow().filter((one) => one !== id && one !== code) })
    },
  }
}
