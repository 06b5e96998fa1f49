/** What the Snapshots screen shows and does: the kept ones, the two that are compared, and long work with a way to stop it. */
import { create } from 'zustand'
import type { Problem } from '../../electron/contract/errors.ts'
import type { ComparisonAnswer, ExportFormat, Kept, Side } from '../../electron/contract/snapshots.ts'
import { goTo } from '../route.ts'
import { problemOf } from '../store/problem.ts'
import { useSession } from '../store/session.ts'
import { showKept, showLive } from '../store/shown.ts'
import type { EngineClient } from '../transport/transport.ts'
import { showRecording } from './playback.ts'
import { pieces, saveToDisk, toBase64 } from './transfer.ts'

/** Work that a person waits for. `done` from 0 to 1; null where nobody can say. */
export type Work = { readonly what: string; readonly done: number | null; readonly stop: () => void }

type Snapshots = {
  kept: readonly Kept[] | null
  /** A and B. */
  before: Side | null
  after: Side | null
  answer: ComparisonAnswer | null
  work: Work | null
  problem: Problem | null
}

export const useSnapshots = create<Snapshots>(() => ({
  kept: null,
  before: null,
  after: 'now',
  answer: null,
  work: null,
  problem: null,
}))

/** Runs one piece of long work at a time; a new one stops the one before. */
export async function working(
  what: string,
  work: (client: EngineClient, signal: AbortSignal, progress: (done: number) => void) => Promise<void>,
): Promise<void> {
  const { client } = useSession.getState()
  if (client === null) {
    const problem = { asked: what, happened: 'the engine does not answer now', remedy: 'Try again when it does.' }
    return useSnapshots.setState({ problem })
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
    if (!end.signal.aborted) useSnapshots.setState({ problem: problemOf(error, what) })
  } finally {
    if (useSnapshots.getState().work === shown) useSnapshots.setState({ work: null })
  }
}

const KEPT = 'the kept snapshots'

/** Asks what is kept, and compares the newest with now where nothing was chosen yet. */
export async function load(client: EngineClient, signal: AbortSignal): Promise<void> {
  try {
    const kept = await list(client, signal)
    const { before, answer, work, problem } = useSnapshots.getState()
    if (problem?.asked === KEPT) useSnapshots.setState({ problem: null })
    const newest = kept.find((one) => one.problem === null && one.sameBoot && one.kind === 'snapshot')
    // What is being saved or opened is chosen when it is there.
    if (work !== null) return
    if (before === null && newest !== undefined) choose({ before: newest.id })
    else if (before !== null && answer === null) void compareChosen()
  } catch (error) {
    if (!signal.aborted) useSnapshots.setState({ problem: problemOf(error, KEPT) })
  }
}

let asked = 0
let told = 0

/** Asks what is kept. An answer that a later one overtook is old, and not shown. */
export async function list(client: EngineClient, signal: AbortSignal): Promise<readonly Kept[]> {
  const mine = ++asked
  const kept = await client.snapshots.list(undefined, { signal })
  if (mine > told) {
    told = mine
    useSnapshots.setState({ kept })
  }
  return kept
}

/** Keeps what is there now, under the time as its name. */
export function saveNow(): Promise<void> {
  goTo({ screen: 'snapshots' })
  return working('Saving what is there now', async (client, signal) => {
    await take(client, await client.snapshots.save({ name: timeAsName() }, { signal }), signal)
  })
}

/** The time as a name that a file may have: "22 Nov 14.03.52". */
export function timeAsName(): string {
  const now = new Date()
  const day = now.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
  return `${day} ${now.toLocaleTimeString('en-GB').replaceAll(':', '.')}`
}

/** Opens a file that a person chose or dropped. */
export function openFile(file: File): Promise<void> {
  goTo({ screen: 'snapshots' })
  return working(`Opening ${file.name}`, async (client, signal, progress) => {
    let upload: string | null = null
    for await (const { bytes, last, done } of pieces(file)) {
      signal.throwIfAborted()
      const piece = { upload, name: file.name.slice(0, 255), bytes: toBase64(bytes), last }
      const answer: { upload: string; kept: Kept | null } = await client.snapshots.open(piece, { signal })
      upload = answer.upload
      progress(done)
      if (answer.kept !== null) await take(client, answer.kept, signal)
    }
  })
}

async function take(client: EngineClient, kept: Kept, signal: AbortSignal): Promise<void> {
  await list(client, signal)
  if (kept.kind === 'recording') return look(kept)
  choose({ before: kept.id, after: 'now' })
}

/** Shows it on the screens of the live groups. */
export function look(kept: Kept): void {
  if (kept.kind === 'recording') void showRecording(kept)
  else showKept(kept)
  goTo({ screen: 'groups' })
}

/** Removes one, on disk too. */
export function forget(id: string): Promise<void> {
  return working('Removing it', async (client, signal) => {
    await client.snapshots.forget({ id }, { signal })
    await list(client, signal)
    const { before, after } = useSnapshots.getState()
    if (useSession.getState().shown?.id === id) showLive()
    if (before !== null && isOf(before, id)) useSnapshots.setState({ before: null, answer: null })
    if (after !== null && isOf(after, id)) choose({ after: 'now' })
  })
}

/** True for the file itself, and for a picture of it. */
function isOf(side: Side, id: string): boolean {
  return side === id || side.startsWith(`${id}#`)
}

/** Chooses what is compared with what, and compares. */
export function choose(sides: { before?: Side; after?: Side }): void {
  useSnapshots.setState({ ...sides, answer: null })
  void compareChosen()
}

/** Compares the chosen two, anew where one of them is now. */
export function compareChosen(): Promise<void> {
  const { before, after } = useSnapshots.getState()
  if (before === null || after === null || before === after) return Promise.resolve()
  return working('Comparing', async (client, signal) => {
    const answer = await client.snapshots.compare({ before, after }, { signal })
    const chosen = useSnapshots.getState()
    if (chosen.before === before && chosen.after === after) useSnapshots.setState({ answer })
  })
}

/** Hands one on as a file: the browser asks where to. */
export function exportAs(of: Side, format: ExportFormat, redacted: boolean): Promise<void> {
  return working('Exporting', async (client, signal) => {
    const redact = redacted ? (['hosts', 'addresses', 'users', 'commands'] as const) : []
    const { download, name, type } = await client.snapshots.download({ of, format, redact: [...redact] }, { signal })
    const parts: string[] = []
    for (;;) {
      const { bytes } = await client.snapshots.piece({ download }, { signal })
      if (bytes === null) break
      parts.push(bytes)
    }
    saveToDisk(parts, name, type)
  })
}
