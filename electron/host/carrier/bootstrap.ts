/** The script that starts an engine at the other end, and what it says when there is none. */
import { z } from 'zod'
import script from './bootstrap.sh?raw'

/** Its text, for a `sh`. */
export function bootstrapScript(values: { readonly marker: string; readonly contract: string }): string {
  return script
    .replaceAll(/^ *#.*\n/gm, '')
    .replaceAll('@MARKER@', values.marker)
    .replaceAll('@CONTRACT@', values.contract)
}

/** Why it started no engine. */
export const BootstrapFailure = z.object({
  failed: z.enum(['system', 'contract', 'missing']),
  /** What the other end says. */
  text: z.string().max(1000),
})
export type BootstrapFailure = z.infer<typeof BootstrapFailure>

/** Its cause and hint. `version` is that of this program. */
export function explainFailure({ failed, text }: BootstrapFailure, version: string): { cause: string; hint: string } {
  switch (failed) {
    case 'system':
      return { cause: `its system is ${text || 'unknown'}`, hint: 'Sockets are read from Linux only.' }
    case 'contract':
      return {
        cause: `reuseport-inspector there is version ${text || 'unknown'}, and this is ${version}`,
        hint: 'Install the same version at both ends.',
      }
    case 'missing':
      return {
        cause: `no reuseport-inspector is installed there (${text || 'unknown machine'})`,
        hint: `Install version ${version} there, so that its shell finds it on the PATH.`,
      }
  }
}
