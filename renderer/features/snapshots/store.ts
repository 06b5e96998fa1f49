/** State and actions of the Snapshots screen: the saved snapshots, the two being compared, and cancelable long work. */
import { create } from 'zustand'
import type { Problem } from '../../../electron/contract/errors.ts'
import type {
  ComparisonAnswer,
  ComparisonInput,
  ExportFormat,
  StoredItem,
} from '../../../electron/contract/snapshots.ts'
import { goTo } from '../../model/route.ts'
import { problemOf } from '../../model/store/problem.ts'
import { useSession } from '../../model/store/session.ts'
import { openStored, showLive } from '../../model/store/source.ts'
import type { EngineClient } from '../../model/transport/transport.ts'
import { showRecording } from './playback.ts'
import { chunksOf, saveToDisk, toBase64 } from './transfer.ts'

/** Work that the user waits for. `done` from 0 to 1; null if unknown. */
export type Work = { readonly what: string; readonly done: number | null; readonly stop: () => void }

type Snapshots = {
  items: readonly StoredItem[] | null
  /** A and B. */
  before: ComparisonInput | null
  after: ComparisonInput | null
  answer: ComparisonAnswer | null
  work: Work | null
  /** The last failure, and what could not be done. */
  problem: Problem | null
  failed: string
}

export const useSnapshots = create<Snapshots>(() => ({
  items: null,
  before: null,
  after: 'now',
  answer: null,
  work: null,
  problem: null,
  failed: '',
}))

/** Runs one long task at a time; a new one stops the previous. `what` names it in progress, `operation` in errors. */
export async function working(
  what: string,
  operation: string,
  work: (client: EngineClient, signal: AbortSignal, progress: (done: number) => void) => Promise<void>,
): Promise<void> {
  const { client } = useSession.getState()
  if (client === null) {
    const problem = { operation: operation, cause: 'the engine is not responding', hint: 'Try again when it does.' }
    return useSnapshots.setState({ problem, failed: operation })
  }
  useSnapshots.getState().work?.stop()
  const end = new AbortController()
  const mine: Work = { what, done: null, stop: () => end.abort() }
  let shown = mine
  useSnapshots.setState({ work: mine, problem: null })
  const progress = (done: number) => {
    if (useSnapshots.getState().work !== shown) return
    shown = { ...mine, done }
    useSnapshots.setState({ work: shown })
  }
  try {
    await work(client, end.signal, progress)
  } catch (error) {
    if (!end.signal.aborted) useSnapshots.setState({ problem: problemOf(error, operation), failed: operation })
  } finally {
    if (useSnapshots.getState().work === shown) useSnapshots.setState({ work: null })
  }
}

const LIST = 'list the snapshots'

/** Lists the saved snapshots, and compares the newest with now if nothing was chosen yet. */
export async function load(client: EngineClient, signal: AbortSignal): Promise<void> {
  try {
    const kept = await list(client, signal)
    const { before, answer, work, problem } = useSnapshots.getState()
    if (problem?.operation === LIST) useSnapshots.setState({ problem: null })
    const newest = kept.find((one) => one.problem === null && one.sameBoot && one.kind === 'snapshot')
    // A snapshot being saved or opened is chosen when it is ready.
    if (work !== null) return
    if (before === null && newest !== undefined) choose({ before: newest.id })
    else if (before !== null && answer === null) void compareChosen()
  } catch (error) {
    if (!signal.aborted) useSnapshots.setState({ problem: problemOf(error, LIST), failed: LIST })
  }
}

let requested = 0
let received = 0

/** Lists the saved snapshots. An answer overtaken by a later one is ignored. */
export async function list(client: EngineClient, signal: AbortSignal): Promise<readonly StoredItem[]> {
  const mine = ++requested
  const kept = await client.snapshots.list(undefined, { signal })
  if (mine > received) {
    received = mine
    useSnapshots.setState({ items: kept })
  }
  return kept
}

/** Saves a snapshot named after the current time. */
export function saveNow(): Promise<void> {
  goTo({ screen: 'snapshots' })
  return working('Saving a snapshot', 'save a snapshot', async (client, signal) => {
    await take(client, await client.snapshots.save({ name: timeAsName() }, { signal }), signal)
  })
}

/** The current time as a name: "22 Nov 14:03:52". */
export function timeAsName(): string {
  const now = new Date()
  const day = now.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
  return `${day} ${now.toLocaleTimeString('en-GB')}`
}

/** Opens a file that the user chose or dropped. */
export function openFile(file: File): Promise<void> {
  goTo({ screen: 'snapshots' })
  return working(`Opening ${file.name}`, `open ${file.name}`, async (client, signal, progress) => {
    let upload: string | null = null
    for await (const { bytes, last, done } of chunksOf(file)) {
      signal.throwIfAborted()
      const piece = { upload, name: file.name.slice(0, 255), bytes: toBase64(bytes), last }
      const answer: { upload: string; kept: StoredItem | null } = await client.snapshots.open(piece, { signal })
      upload = answer.upload
      progress(done)
      if (answer.kept !== null) await take(client, answer.kept, signal)
    }
  })
}

async function take(client: EngineClient, kept: StoredItem, signal: AbortSignal): Promise<void> {
  await list(client, signal)
  if (kept.kind === 'recording') return openItem(kept)
  choose({ before: kept.id, after: 'now' })
}

/** Opens it on the screens of the live groups. */
export function openItem(kept: StoredItem): void {
  if (kept.kind === 'recording') void showRecording(kept)
  else openStored(kept)
  goTo({ screen: 'groups' })
}

/** Removes a snapshot or recording, including its file. */
export function remove(id: string): Promise<void> {
  return working('Removing', 'remove it', async (client, signal) => {
    await client.snapshots.delete({ id }, { signal })
    await list(client, signal)
    const { before, after } = useSnapshots.getState()
    if (useSession.getState().source?.id === id) showLive()
    if (before !== null && isOf(before, id)) useSnapshots.setState({ before: null, answer: null })
    if (after !== null && isOf(after, id)) choose({ after: 'now' })
  })
}

/** True for the file itself, and for a snapshot of a recording. */
function isOf(side: ComparisonInput, id: string): boolean {
  return side === id || side.startsWith(`${id}#`)
}

/** Chooses what to compare, and compares. */
export function choose(sides: { before?: ComparisonInput; after?: ComparisonInput }): void {
  useSnapshots.setState({ ...sides, answer: null })
  void compareChosen()
}

/** Compares the chosen two; `now` is read again. */
export function compareChosen(): Promise<void> {
  const { before, after } = useSnapshots.getState()
  if (before === null || after === null || before === after) return Promise.resolve()
  return working('Comparing', 'compare', async (client, signal) => {
    const answer = await client.snapshots.compare({ before, after }, { signal })
    const chosen = useSnapshots.getState()
    if (chosen.before === before && chosen.after === after) useSnapshots.setState({ answer })
  })
}

/** Exports one as a file through the browser. */
export function exportAs(of: ComparisonInput, format: ExportFormat, redacted: boolean): Promise<void> {
  return working('Exporting', 'export', async (client, signal) => {
    const redact = redacted ? (['hosts', 'addresses', 'users', 'commands'] as const) : []
    const { download, name, type } = await client.snapshots.download({ of, format, redact: [...redact] }, { signal })
    const parts: string[] = []
    for (;;) {
      const { bytes } = await client.snapshots.chunk({ download }, { signal })
      if (bytes === null) break
      parts.push(bytes)
    }
    saveToDisk(parts, name, type)
  })
}
