/** Runs `engine --stdio`: an engine for another process of this program, which may be on another machine. */
import { fstatSync } from 'node:fs'
import { Socket } from 'node:net'
import { version } from '../../../package.json'
import { Settings } from '../../contract/settings.ts'
import {
  endEvenIfBlocked,
  installation,
  MAX_END_MS,
  memorySettings,
  startEngine,
  tuneHeap,
} from '../../engine/index.ts'
import { contractHash } from '../../host/wire/contract-hash.ts'
import { type Greeting, markedLine, PROTOCOL } from '../../host/wire/greeting.ts'
import { SILENCE_MS } from '../../host/wire/link.ts'
import { usageError } from '../cli/failure.ts'
import { answerLink } from './answer-link.ts'
import { joiningRouter } from './joining-router.ts'

export type EngineFlags = {
  readonly marker: string
  /** Refuses to start unless this is its contract. */
  readonly contract?: string
  /** It only reads (EngineOptions). */
  readonly viewOnly?: boolean
  /** Milliseconds; for tests. */
  readonly silence?: number
}

/**
 * Greets and answers until standard input ends, the other end is silent, or SIGINT, SIGTERM. Then nothing of it is left,
 * labs included. Settings stay in memory and no snapshots are stored: those belong to the machine of the other end.
 */
export async function runStdioEngine(flags: EngineFlags): Promise<void> {
  const hash = contractHash()
  if (flags.contract !== undefined && flags.contract !== hash)
    throw usageError(`This is reuseport-inspector ${version} with contract ${hash}, not ${flags.contract}.`)
  const input = openStream(0, { writable: false })
  const output = openStream(1, { readable: false })
  const signal = new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve())
  })
  const { addon } = installation()
  endEvenIfBlocked(addon, 0)
  const engine = await startEngine({
    addonPath: addon,
    settings: memorySettings(Settings.parse({})),
    snapshotFolder: NO_FOLDER,
    viewOnly: flags.viewOnly === true,
  })
  const greeting: Greeting = {
    protocol: PROTOCOL,
    version,
    contract: hash,
    pid: process.pid,
    uid: process.getuid?.() ?? 0,
  }
  output.write(markedLine(flags.marker, greeting))
  const link = answerLink(joiningRouter(engine), input, output, { silenceMs: flags.silence ?? SILENCE_MS })
  tuneHeap()
  await Promise.race([link.ended, signal.then(() => link.end('the engine was asked to end'))])
  // For whatever is not closed by then: labs end with their parent.
  setTimeout(() => process.exit(0), MAX_END_MS).unref()
  await engine.close()
  process.exit(0)
}

/** Where no folder can be. */
const NO_FOLDER = '/dev/null/snapshots'

/** Not process.stdin and process.stdout: a pipe is written synchronously there, and one that is full would block. */
function openStream(fd: number, options: { readable?: boolean; writable?: boolean }): Socket {
  const kind = fstatSync(fd)
  if (!kind.isFIFO() && !kind.isSocket())
    throw usageError('`engine --stdio` is started by another Reuseport Inspector, over pipes. See `groups --host`.')
  return new Socket({ fd, readable: true, writable: true, ...options })
}
