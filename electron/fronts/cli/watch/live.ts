/** The live table: follows the streams of changes and handles keys. */
import type { Selection } from '../../../contract/contract.ts'
import { SINGLE_FRAME } from '../../../engine/index.ts'
import { snapshotJson, writeWhole } from '../../../engine/snapshots/index.ts'
import type { Client, Context } from '../context.ts'
import { asFailure } from '../failure.ts'
import { type Filters, selectionOf } from '../option-values.ts'
import { type Line, line, span } from '../text.ts'
import { type OpenedGroup, openedLines } from './opened.ts'
import { openedPage, openedSize, pageSize, visibleRows, watchPage } from './page.ts'
import type { WatchedFinding } from './panels.ts'
import { applyChange, emptyState, type WatchState } from './state.ts'
import { afterKey, initialView, type KeyPress, selectedAt, type WatchView } from './view.ts'

export type LiveOptions = Filters & {
  /** Milliseconds. */
  readonly interval: number
  /** Refreshes until it ends; if omitted, it runs until it is quit. */
  readonly count?: number
}

/** How long a message stays in place of the keys. */
const MESSAGE_MS = 4000
const NOT_READ: OpenedGroup = { snapshot: null, processes: [] }

/** Runs until the user quits, or for `count` refreshes. Rethrows the engine's errors after the screen is restored. */
export async function watchOnScreen(options: LiveOptions, { connect, core, openScreen }: Context): Promise<void> {
  const client = await connect()
  // The filter is the view's: it can be changed here.
  const { filter = '', ...rest } = options
  const selection = selectionOf(rest)
  await client.settings.set({ intervalMs: options.interval })

  let state: WatchState = emptyState
  let view: WatchView = { ...initialView, all: selection.all, filter }
  let group: OpenedGroup = NOT_READ
  let message: Line | null = null
  let following = new AbortController()
  const ended = new AbortController()
  let failure: unknown = null
  const end = (reason: unknown = null) => {
    failure ??= reason
    ended.abort()
  }

  const opened = () =>
    view.opened === null ? null : openedLines(view.opened, group, state.findings, screen.size.columns)
  const draw = () => {
    const inside = opened()
    const page =
      inside === null
        ? watchPage(state, view, selection, screen.size, Date.now())
        : openedPage(inside.title, inside.lines, view, screen.size)
    screen.draw(message === null ? page : [...page.slice(0, -1), message])
  }
  const say = (text: string, tone: 'good' | 'bad') => {
    const said = line(span(` ${text}`, tone))
    message = said
    draw()
    setTimeout(() => {
      if (message === said) message = null
      draw()
    }, MESSAGE_MS).unref()
  }
  const follow = () => {
    following.abort()
    following = new AbortController()
    const { signal } = following
    const take = (next: WatchState) => {
      if (signal.aborted) return
      state = { ...next, findings: state.findings }
      if (!state.more) draw()
    }
    const rethrow = (error: unknown) => {
      if (!signal.aborted) end(error)
    }
    followGroups(client, { selection: { ...selection, all: view.all }, count: options.count }, signal, take).then(
      end,
      rethrow,
    )
  }
  const readGroup = async (id: string) => {
    const row = state.rows.get(id)
    if (row === undefined) return
    const { netns, port, protocol } = row
    const source = await core()
    const snapshot = await client.snapshot({ selection: { netns: String(netns), port, protocol, all: true } })
    const members = snapshot.groups.find((one) => one.id === id)?.members ?? []
    const pids = [...new Set(members.flatMap(({ holders }) => holders ?? []).map(({ pid }) => pid))]
    const processes = await source.processes(pids)
    if (view.opened?.kind === 'group' && view.opened.id === id) group = { snapshot, processes }
  }
  /** Reads what is open again and again. */
  const followOpened = async (id: string) => {
    while (view.opened?.kind === 'group' && view.opened.id === id && !ended.signal.aborted) {
      if (!view.paused || group.snapshot === null) await readGroup(id)
      draw()
      await new Promise((resolve) => setTimeout(resolve, options.interval).unref())
    }
  }
  const save = async () => {
    const file = `reuseport-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.json`
    try {
      const parts = (await core()).parts({ selection: { ...selection, all: view.all }, frame: SINGLE_FRAME })
      await writeWhole(file, snapshotJson(parts), { force: false, signal: ended.signal })
      say(`Saved to ${file}`, 'good')
    } catch (error) {
      say(asFailure(error).message, 'bad')
    }
  }
  const press = (key: KeyPress) => {
    const typing = view.filterBefore !== null
    const rows = visibleRows(state, view, selection)
    const ids = rows.map(({ id }) => id)
    if (!typing && key.name === 'q') return end()
    if (!typing && key.name === 'w') return void save()
    if (!typing && key.name === 'y') {
      const id = ids[selectedAt(view, ids)]
      if (id === undefined) return
      screen.copy(id)
      return say(`Copied ${id}, where the terminal permits it`, 'good')
    }
    const before = view
    const inside = opened()
    view = afterKey(view, key, {
      page: inside === null ? pageSize(screen.size) : openedSize(screen.size),
      ids,
      lines: inside?.lines.length ?? 0,
    })
    if (view.paused !== before.paused) {
      // A paused engine sends no changes, so this answer is what shows the pause.
      client.sampling.pause({ paused: view.paused }).then((sampler) => {
        state = { ...state, sampler }
        draw()
      }, end)
    }
    if (view.all !== before.all) follow()
    if (view.opened !== before.opened && view.opened?.kind === 'group') {
      group = NOT_READ
      followOpened(view.opened.id).catch(end)
    }
    if (view !== before) {
      message = null
      draw()
    }
  }

  using screen = openScreen({ key: press, redraw: draw, quit: () => end() })
  // The screen shows the age of the data, which grows even when nothing changes.
  const clock = setInterval(draw, 1000)
  draw()
  follow()
  followFindings(client, ended.signal, (findings) => {
    state = { ...state, findings }
    draw()
  }).catch((error: unknown) => {
    if (!ended.signal.aborted) end(error)
  })
  await new Promise<void>((resolve) => ended.signal.addEventListener('abort', () => resolve(), { once: true }))
  clearInterval(clock)
  following.abort()
  if (failure !== null) throw failure
}

/** Follows the stream and passes the state after each change to `take`. Resolves after `count` complete refreshes. */
async function followGroups(
  client: Client,
  { selection, count }: { selection: Selection; count: number | undefined },
  signal: AbortSignal,
  take: (state: WatchState) => void,
): Promise<null> {
  const { all } = selection
  // The stream starts with what is known and adds the rest later; a snapshot waits for owners and rejects bad names.
  await client.snapshot({ selection, owners: true }, { signal })
  let state: WatchState = emptyState
  let refresh = -1
  for (let seen = 0; seen < (count ?? Number.POSITIVE_INFINITY); ) {
    const { cursor } = state
    const change = await client.groups.changes({ all, ...(cursor === undefined ? {} : { after: cursor }) }, { signal })
    // The engine also answers aborted requests: without this, a stream that is no longer needed would be read forever.
    signal.throwIfAborted()
    state = applyChange(state, change)
    take(state)
    if (!state.more && change.sampler.refresh !== refresh) {
      refresh = change.sampler.refresh
      seen++
    }
  }
  return null
}

/** Passes the findings to `take` whenever they change, until `signal` is aborted. */
async function followFindings(
  client: Client,
  signal: AbortSignal,
  take: (findings: readonly WatchedFinding[]) => void,
): Promise<void> {
  const found = new Map<string, WatchedFinding>()
  let after: string | undefined
  while (!signal.aborted) {
    const change = await client.findings.changes({ after }, { signal })
    if (signal.aborted) return
    after = change.cursor
    if (change.reset) found.clear()
    for (const id of change.removed) found.delete(id)
    for (const row of change.rows) found.set(row.id, row)
    if (!change.more && (change.reset || change.removed.length + change.rows.length > 0)) take([...found.values()])
  }
}
