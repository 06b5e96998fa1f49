/** State and actions of the Snapshots screen: the saved snapshots, the two being compared, and cancelable long work. */
import { createStore, type StoreApi } from 'zustand'
import type { Problem } from '../../../electron/contract/errors.ts'
import type {
  ComparisonAnswer,
  ComparisonInput,
  ExportFormat,
  StoredItem,
} from '../../../electron/contract/snapshots.ts'
import { currentRoute, goTo } from '../../model/route.ts'
import { problemOf } from '../../model/store/problem.ts'
import type { PageStore } from '../../model/store/store.ts'
import type { EngineClient } from '../../model/transport/transport.ts'
import type { Playback } from './playback.ts'
import { chunksOf, saveToDisk, toBase64 } from './transfer.ts'

/** Work that the user waits for. `done` from 0 to 1; null if unknown. */
export type Work = { readonly what: string; readonly done: number | null; readonly stop: () => void }

export type SnapshotsState = {
  /** Without those that are being removed. */
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
  /** Opens the item of an address on the current screen, as soon as there is an engine. */
  readonly openById: (id: string, snapshot: number) => Promise<void>
  /** Removes a snapshot or recording from the list, and its file when that can no longer be undone. */
  readonly remove: (item: StoredItem) => void
  /** Chooses what to compare, and compares. */
  readonly choose: (sides: { before?: ComparisonInput; after?: ComparisonInput }) => void
  /** Compares the chosen two; `now` is read again. */
  readonly compareChosen: () => Promise<void>
  /** Exports one as a file through the browser. */
  readonly exportAs: (of: ComparisonInput, format: ExportFormat, redacted: boolean) => Promise<void>
}

const LIST = 'list the snapshots'

export function createSnapshots(
  { session, source, notices }: Pick<PageStore, 'session' | 'source' | 'notices'>,
  { showRecording, seek }: Pick<Playback, 'showRecording' | 'seek'>,
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

  /** Removed by the user, who can still undo it. */
  const removing = new Set<string>()
  const withoutRemoved = (items: readonly StoredItem[]) => items.filter(({ id }) => !removing.has(id))

  let requested = 0
  let received = 0
  const list = async (client: EngineClient, signal: AbortSignal) => {
    const mine = ++requested
    const kept = await client.snapshots.list(undefined, { signal })
    if (mine > received) {
      received = mine
      state.setState({ items: withoutRemoved(kept) })
    }
    return withoutRemoved(kept)
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

  /** For what may be started on any screen: a failure is shown there. */
  const reportFailure = () => {
    const { problem, failed } = state.getState()
    if (problem === null || isOnScreen()) return
    const { cause, hint } = problem
    notices.show({ text: `Could not ${failed}: ${cause}.${hint === null ? '' : ` ${hint}`}`, failed: true })
    state.setState({ problem: null })
  }

  /** An item that an address asks for before there is an engine. */
  let wanted: { id: string; snapshot: number } | null = null
  const openWanted = async (client: EngineClient) => {
    if (wanted === null) return
    const { id, snapshot } = wanted
    wanted = null
    try {
      const kept = (await list(client, new AbortController().signal)).find((one) => one.id === id)
      if (kept === undefined) {
        const cause = 'this engine has no such snapshot or recording'
        const hint = 'It may have been removed, or be on another machine. This is live.'
        // Not the session's problem, which ends with the next answer of the engine.
        return notices.show({ text: `Could not open ${id}: ${cause}. ${hint}`, failed: true })
      }
      if (kept.kind === 'recording') void showRecording(kept, snapshot)
      else source.openStored(kept)
    } catch {
      // A lost connection is reported elsewhere; the next one tries again.
      wanted = { id, snapshot }
    }
  }
  session.subscribe(({ client }, before) => {
    if (client === null || client === before.client) return
    // The navigation shows how many there are; the screen reports its own failures.
    if (wanted === null) void list(client, new AbortController().signal).catch(() => {})
    else void openWanted(client)
  })

  const remove = async (id: string) => {
    await working('Removing', 'remove it', async (client, signal) => {
      await client.snapshots.delete({ id }, { signal })
      removing.delete(id)
      await list(client, signal)
    })
    reportFailure()
  }

  return {
    state,
    working,
    list,
    choose,
    compareChosen,
    openItem,
    async openById(id, snapshot) {
      const { client, source: shown } = session.getState()
      if (shown?.id === id) return seek(snapshot)
      wanted = { id, snapshot }
      if (client !== null) await openWanted(client)
    },
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
    async saveNow() {
      await working('Saving a snapshot', 'save a snapshot', async (client, signal) => {
        const kept = await client.snapshots.save({ name: timeAsName() }, { signal })
        if (isOnScreen()) return take(client, kept, signal)
        await list(client, signal)
        const compare = () => {
          choose({ before: kept.id, after: 'now' })
          goTo({ screen: 'snapshots' })
        }
        notices.show({ text: `Saved “${kept.name}”.`, action: { name: 'Compare with now', run: compare } })
      })
      reportFailure()
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
    remove({ id, kind, name }) {
      const { items, before, after } = state.getState()
      removing.add(id)
      state.setState({ items: items && withoutRemoved(items) })
      if (session.getState().source?.id === id) source.showLive()
      if (before !== null && isOf(before, id)) state.setState({ before: null, answer: null })
      if (after !== null && isOf(after, id)) choose({ after: 'now' })
      const undo = () => {
        removing.delete(id)
        state.setState({ items })
        const { client } = session.getState()
        if (client !== null) void list(client, new AbortController().signal).catch(() => {})
      }
      notices.show({
        text: `Removed the ${kind} “${name}”.`,
        action: { name: 'Undo', run: undo },
        // A page that closes before that removes nothing.
        ended: () => void remove(id),
      })
    },
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

function isOnScreen(): boolean {
  return currentRoute().screen === 'snapshots'
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
