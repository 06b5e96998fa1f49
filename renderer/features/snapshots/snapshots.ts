/** State and actions of the Snapshots screen: the saved snapshots, the two being compared, and cancelable long work. */
import { createStore, type StoreApi } from 'zustand'
import type { Problem } from '../../../electron/contract/errors.ts'
import type {
  ComparisonAnswer,
  ComparisonInput,
  ExportFormat,
  StoredItem,
} from '../../../electron/contract/snapshots.ts'
import { goTo } from '../../model/route.ts'
import { problemOf } from '../../model/store/problem.ts'
import type { PageStore } from '../../model/store/store.ts'
import type { EngineClient } from '../../model/transport/transport.ts'
import type { Playback } from './playback.ts'
import { chunksOf, saveToDisk, toBase64 } from './transfer.ts'

/** Work that the user waits for. `done` from 0 to 1; null if unknown. */
export type Work = { readonly what: string; readonly done: number | null; readonly stop: () => void }

export type SnapshotsState = {
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

type LongTask = (client: EngineClient, signal: AbortSignal, progress: (done: number) => void) => Promise<void>

export type Snapshots = {
  readonly state: StoreApi<SnapshotsState>
  /** Runs one long task at a time; a new one stops the previous. `what` names it in progress, `operation` in errors. */
  readonly working: (what: string, operation: string, work: LongTask) => Promise<void>
  /** Lists the saved snapshots, and compares the newest with now if nothing was chosen yet. */
  readonly load: (client: EngineClient, signal: AbortSignal) => Promise<void>
  /** Lists the saved snapshots. An answer overtaken by a later one is ignored. */
  readonly list: (client: EngineClient, signal: AbortSignal) => Promise<readonly StoredItem[]>
  /** Saves a snapshot named after the current time. */
  readonly saveNow: () => Promise<void>
  /** Opens a file that the user chose or dropped. */
  readonly openFile: (file: File) => Promise<void>
  /** Opens it on the screens of the live groups. */
  readonly openItem: (kept: StoredItem) => void
  /** Removes a snapshot or recording, including its file. */
  readonly remove: (id: string) => Promise<void>
  /** Chooses what to compare, and compares. */
  readonly choose: (sides: { before?: ComparisonInput; after?: ComparisonInput }) => void
  /** Compares the chosen two; `now` is read again. */
  readonly compareChosen: () => Promise<void>
  /** Exports one as a file through the browser. */
  readonly exportAs: (of: ComparisonInput, format: ExportFormat, redacted: boolean) => Promise<void>
}

const LIST = 'list the snapshots'

export function createSnapshots(
  { session, source }: Pick<PageStore, 'session' | 'source'>,
  { showRecording }: Pick<Playback, 'showRecording'>,
): Snapshots {
  const state = createStore<SnapshotsState>(() => ({
    items: null,
    before: null,
    after: 'now',
    answer: null,
    work: null,
    problem: null,
    failed: '',
  }))

  const working = async (what: string, operation: string, work: LongTask) => {
    const { client } = session.getState()
    if (client === null) {
      const problem = { operation: operation, cause: 'the engine is not responding', hint: 'Try again when it does.' }
      return state.setState({ problem, failed: operation })
    }
    state.getState().work?.stop()
    const end = new AbortController()
    const mine: Work = { what, done: null, stop: () => end.abort() }
    let shown = mine
    state.setState({ work: mine, problem: null })
    const progress = (done: number) => {
      if (state.getState().work !== shown) return
      shown = { ...mine, done }
      state.setState({ work: shown })
    }
    try {
      await work(client, end.signal, progress)
    } catch (error) {
      if (!end.signal.aborted) state.setState({ problem: problemOf(error, operation), failed: operation })
    } finally {
      if (state.getState().work === shown) state.setState({ work: null })
    }
  }

  let requested = 0
  let received = 0
  const list = async (client: EngineClient, signal: AbortSignal) => {
    const mine = ++requested
    const kept = await client.snapshots.list(undefined, { signal })
    if (mine > received) {
      received = mine
      state.setState({ items: kept })
    }
    return kept
  }

  const compareChosen = async () => {
    const { before, after } = state.getState()
    if (before === null || after === null || before === after) return
    await working('Comparing', 'compare', async (client, signal) => {
      const answer = await client.snapshots.compare({ before, after }, { signal })
      const chosen = state.getState()
      if (chosen.before === before && chosen.after === after) state.setState({ answer })
    })
  }

  const choose: Snapshots['choose'] = (sides) => {
    state.setState({ ...sides, answer: null })
    void compareChosen()
  }

  const openItem = (kept: StoredItem) => {
    if (kept.kind === 'recording') void showRecording(kept)
    else source.openStored(kept)
    goTo({ screen: 'groups' })
  }

  const take = async (client: EngineClient, kept: StoredItem, signal: AbortSignal) => {
    await list(client, signal)
    if (kept.kind === 'recording') return openItem(kept)
    choose({ before: kept.id, after: 'now' })
  }

  return {
    state,
    working,
    list,
    choose,
    compareChosen,
    openItem,
    async load(client, signal) {
      try {
        const kept = await list(client, signal)
        const { before, answer, work, problem } = state.getState()
        if (problem?.operation === LIST) state.setState({ problem: null })
        const newest = kept.find((one) => one.problem === null && one.sameBoot && one.kind === 'snapshot')
        // A snapshot being saved or opened is chosen when it is ready.
        if (work !== null) return
        if (before === null && newest !== undefined) choose({ before: newest.id })
        else if (before !== null && answer === null) void compareChosen()
      } catch (error) {
        if (!signal.aborted) state.setState({ problem: problemOf(error, LIST), failed: LIST })
      }
    },
    saveNow() {
      goTo({ screen: 'snapshots' })
      return working('Saving a snapshot', 'save a snapshot', async (client, signal) => {
        await take(client, await client.snapshots.save({ name: timeAsName() }, { signal }), signal)
      })
    },
    openFile(file) {
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
    },
    remove: (id) =>
      working('Removing', 'remove it', async (client, signal) => {
        await client.snapshots.delete({ id }, { signal })
        await list(client, signal)
        const { before, after } = state.getState()
        if (session.getState().source?.id === id) source.showLive()
        if (before !== null && isOf(before, id)) state.setState({ before: null, answer: null })
        if (after !== null && isOf(after, id)) choose({ after: 'now' })
      }),
    exportAs: (of, format, redacted) =>
      working('Exporting', 'export', async (client, signal) => {
        const redact = redacted ? (['hosts', 'addresses', 'users', 'commands'] as const) : []
        const { download, name, type } = await client.snapshots.download(
          { of, format, redact: [...redact] },
          { signal },
        )
        const parts: string[] = []
        for (;;) {
          const { bytes } = await client.snapshots.chunk({ download }, { signal })
          if (bytes === null) break
          parts.push(bytes)
        }
        saveToDisk(parts, name, type)
      }),
  }
}

/** The current time as a name: "22 Nov 14:03:52". */
export function timeAsName(): string {
  const now = new Date()
  const day = now.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
  return `${day} ${now.toLocaleTimeString('en-GB')}`
}

/** True for the file itself, and for a snapshot of a recording. */
function isOf(side: ComparisonInput, id: string): boolean {
  return side === id || side.startsWith(`${id}#`)
}
