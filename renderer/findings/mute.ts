/** What the person does not want to be told of: kept in the settings, by the engine. */
import type { FindingRow } from '../../electron/contract/analysis.ts'
import { changeSettings } from '../store/engine.ts'
import { useSession } from '../store/session.ts'

function mutedNow(): readonly string[] {
  return useSession.getState().settings?.mutedFindings ?? []
}

/** Mutes a single finding by its id, or a whole kind by its code; it stays muted until `unmute`. */
export function mute(name: string): void {
  const muted = mutedNow()
  if (!muted.includes(name)) void changeSettings({ mutedFindings: [...muted, name] })
}

/** Takes back whatever mutes this finding: its own id, and its kind. */
export function unmute({ id, code }: Pick<FindingRow, 'id' | 'code'>): void {
  void changeSettings({ mutedFindings: mutedNow().filter((one) => one !== id && one !== code) })
}
