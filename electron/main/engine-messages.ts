/** Messages between the main process and the engine's process, besides those of the page's ports. */
import { z } from 'zod'
import { isPeerName, type PeerName } from '../contract/channels.ts'
import { Problem } from '../contract/errors.ts'
import { Settings } from '../contract/settings.ts'

/** To the engine's process, with a page's port: the peer that the page wants (contract/channels.ts). */
export const PortMessage = z.object({ peer: z.custom<PeerName>(isPeerName) })
export type PortMessage = z.infer<typeof PortMessage>

/** The single argument (JSON) of the engine's process. */
export const EngineArguments = z.object({ addonPath: z.string(), settingsPath: z.string() })
export type EngineArguments = z.infer<typeof EngineArguments>

/** From the engine's process: the current theme, for the window's native parts; or why it cannot start. */
export const EngineReport = z.discriminatedUnion('type', [
  z.object({ type: z.literal('theme'), theme: Settings.shape.theme.unwrap() }),
  z.object({ type: z.literal('failed'), problem: Problem }),
])
export type EngineReport = z.infer<typeof EngineReport>
