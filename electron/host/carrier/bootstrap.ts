/** The script that starts an engine at the other end, and what it says in place of the engine. */
import { z } from 'zod'
import script from './bootstrap.sh?raw'
import type { OwnProgram } from './own-program.ts'

export type BootstrapValues = {
  readonly marker: string
  readonly contract: string
  /** What can be sent. */
  readonly program: Pick<OwnProgram, 'id' | 'machine' | 'libc'> | null
  /** Whether the engine only reads. */
  readonly viewOnly: boolean
}

/** Its text, for a `sh`. */
export function bootstrapScript({ marker, contract, program, viewOnly }: BootstrapValues): string {
  return script
    .replaceAll(/^ *#.*\n/gm, '')
    .replaceAll('@MARKER@', marker)
    .replaceAll('@CONTRACT@', contract)
    .replaceAll(' @FLAGS@', viewOnly ? ' --view-only' : '')
    .replaceAll('@ID@', program?.id ?? '')
    .replaceAll('@MACHINE@', program?.machine ?? '')
    .replaceAll('@LOADER@', program?.libc.loader ?? '')
    .replaceAll('@LIBC@', program?.libc.id ?? '')
    .replaceAll('@LIBRARIES@', program?.libc.libraries.join(' ') ?? '')
}

/** It needs this program, or a library for it (own-program.ts). */
export const BootstrapRequest = z.object({ need: z.string().max(100) })

/** How far it is: the system that it runs on; the program that it starts, null where that was installed there. */
export const BootstrapStep = z.discriminatedUnion('step', [
  z.object({ step: z.literal('system'), system: z.string().max(1000) }),
  z.object({ step: z.literal('start'), program: z.string().max(1000).nullable() }),
])
export type BootstrapStep = z.infer<typeof BootstrapStep>

/** Why it started no engine. */
export const BootstrapFailure = z.object({
  failed: z.enum(['system', 'contract', 'missing', 'place', 'write', 'damaged']),
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
    case 'place':
      return {
        cause: `no folder there can be written and executed:${text || ' unknown'}`,
        hint: 'Set XDG_CACHE_HOME there to one, or install the same version.',
      }
    case 'write':
      return { cause: `this program could not be written there (${text})`, hint: 'Free some space there.' }
    case 'damaged':
      return { cause: `this program was damaged on the way (${text})`, hint: 'Try again.' }
  }
}
