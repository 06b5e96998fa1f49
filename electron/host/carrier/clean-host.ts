/** Removes from another host what this program put there: engines of all versions, and what they unpacked. */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { nextMarkedLine } from '../wire/greeting.ts'
import type { Carrier } from './carrier.ts'
import { CarrierProcess } from './carrier-process.ts'
import script from './clean.sh?raw'
import { whyNoGreeting } from './why-not-connected.ts'

const Cleaned = z.object({ removed: z.number().int().nonnegative() })

/** The number of files and folders that were removed. Rejects with Unreachable, or with the reason of `signal`. */
export async function cleanHost(carrier: Carrier, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted()
  const marker = randomBytes(16).toString('hex')
  const command = new CarrierProcess(carrier)
  const kill = () => command.kill()
  signal.addEventListener('abort', kill, { once: true })
  try {
    command.input.write(script.replaceAll(/^ *#.*\n/gm, '').replaceAll('@MARKER@', marker))
    const line = await nextMarkedLine(command.output, marker)
    const cleaned = Cleaned.safeParse(line.message).data
    if (cleaned === undefined) throw await whyNoGreeting(line, carrier, command)
    return cleaned.removed
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', kill)
    await command.end()
  }
}
