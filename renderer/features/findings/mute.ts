/** Muting of findings, stored by the engine in the settings. */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import { changeSettings } from '../../model/store/engine.ts'
import { useSession } from '../../model/store/session.ts'

function mutedNow(): readonly string[] {
  return useSession.getState().settings?.mutedFindings ?? []
}

/** Mutes a single finding by its id, or a whole type by its code, until `unmute`. */
export function mute(name: string): void {
  const muted = mutedNow()
  if (!muted.includes(name)) void changeSettings({ mutedFindings: [...muted, name] })
}

/** Removes everything that mutes this finding: its id and its code. */
export function unmute({ id, code }: Pick<FindingRow, 'id' | 'code'>): void {
  void changeSettings({ mutedFindings: mutedNow().filter((one) => one !== id && one !== code) })
}
