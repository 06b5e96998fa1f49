/** The live table: follows the stream of changes and handles keys. */
import type { Selection } from '../../../contract/contract.ts'
import type { WatchOptions } from '../commands/watch.ts'
import type { Client, Context } from '../context.ts'
import { selectionOf } from '../option-values.ts'
import { pageSize, visibleRows, watchPage } from './page.ts'
import { applyChange, emptyState, type WatchState } from './state.ts'
import { afterKey, initialView, type WatchView } from './view.ts'

/** Runs until the user quits, or for `count` refreshes. Rethrows the engine's errors after the screen is restored. */
export async function watchOnScreen(options: WatchOptions, { connect, openScreen }: Context): Promise<void> {
  const client = await connect()
  const selection = selectionOf(options)
  await client.settings.set({ intervalMs: options.interval })

  let state: WatchState = emptyState
  let view: WatchView = { ...initialView, all: selection.all }
  let following = new AbortController()
  const ended = new AbortController()
  let failure: unknown = null
  const end = (reason: unknown = null) => {
    failure ??= reason
    ended.abort()
  }

  const draw = () => screen.draw(watchPage(state, view, selection, screen.size, Date.now()))
  const follow = () => {
    following.abort()
    following = new AbortController()
    const { signal } = following
    const take = (next: WatchState) => {
      if (signal.aborted) return
      state = next
      if (!state.more) draw()
    }
    followGroups(client, { selection: { ...selection, all: view.all }, count: options.count }, signal, take).then(
      end,
      (error) => {
        if (!signal.aborted) end(error)
      },
    )
  }
  const press = (name: string) => {
    if (name === 'q') return end()
    const total = visibleRows(state, view, selection).length
    const before = view
    view = afterKey(view, name, { page: pageSize(screen.size), total })
    if (view.paused !== before.paused) {
      // A paused engine sends no changes, so this answer is what shows the pause.
      client.sampling.pause({ paused: view.paused }).then((sampler) => {
        state = { ...state, sampler }
        draw()
      }, end)
    }
    if (view.all !== before.all) follow()
    if (view !== before) draw()
  }

  using screen = openScreen({ key: press, redraw: draw, quit: () => end() })
  // The screen shows the age of the data, which grows even when nothing changes.
  const clock = setInterval(draw, 1000)
  draw()
  follow()
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
