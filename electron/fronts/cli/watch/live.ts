/** The live table: follows the stream of changes, and lets keys look around in it. */
import type { Selection } from '../../../contract/contract.ts'
import type { WatchOptions } from '../commands/watch.ts'
import type { Client, Context } from '../context.ts'
import { selectionOf } from '../option-values.ts'
import { pageSize, visibleRows, watchPage } from './page.ts'
import { afterChange, nothingYet, type WatchPicture } from './picture.ts'
import { afterKey, initialView, type WatchView } from './view.ts'

/** Runs until the person leaves, or for `count` refreshes. Throws what the engine throws, after the screen is given back. */
export async function watchOnScreen(options: WatchOptions, { connect, openScreen }: Context): Promise<void> {
  const client = await connect()
  const selection = selectionOf(options)
  await client.settings.set({ intervalMs: options.interval })

  let picture: WatchPicture = nothingYet
  let view: WatchView = { ...initialView, all: selection.all }
  let following = new AbortController()
  const ended = new AbortController()
  let failure: unknown = null
  const end = (reason: unknown = null) => {
    failure ??= reason
    ended.abort()
  }

  const draw = () => screen.draw(watchPage(picture, view, selection, screen.size, Date.now()))
  const follow = () => {
    following.abort()
    following = new AbortController()
    const { signal } = following
    const take = (next: WatchPicture) => {
      if (signal.aborted) return
      picture = next
      if (!picture.more) draw()
    }
    pictures(client, { selection: { ...selection, all: view.all }, count: options.count }, signal, take).then(
      end,
      (error) => {
        if (!signal.aborted) end(error)
      },
    )
  }
  const press = (name: string) => {
    if (name === 'q') return end()
    const total = visibleRows(picture, view, selection).length
    const before = view
    view = afterKey(view, name, { page: pageSize(screen.size), total })
    if (view.paused !== before.paused) {
      // A paused engine has nothing newer to say, so its answer to this is what shows the pause.
      client.sampling.pause({ paused: view.paused }).then((sampling) => {
        picture = { ...picture, sampling }
        draw()
      }, end)
    }
    if (view.all !== before.all) follow()
    if (view !== before) draw()
  }

  using screen = openScreen({ key: press, redraw: draw, quit: () => end() })
  // The age of the picture is part of it, and grows when nothing else happens.
  const clock = setInterval(draw, 1000)
  draw()
  follow()
  await new Promise<void>((resolve) => ended.signal.addEventListener('abort', () => resolve(), { once: true }))
  clearInterval(clock)
  following.abort()
  if (failure !== null) throw failure
}

/** Asks for change after change, and hands on the picture after each. Resolves after `count` whole pictures. */
async function pictures(
  client: Client,
  { selection, count }: { selection: Selection; count: number | undefined },
  signal: AbortSignal,
  take: (picture: WatchPicture) => void,
): Promise<null> {
  const { all } = selection
  // A stream begins with what is known and fills in the rest; a snapshot waits for owners, and refuses a wrong name.
  await client.snapshot({ selection, owners: true }, { signal })
  let picture: WatchPicture = nothingYet
  let refresh = -1
  for (let seen = 0; seen < (count ?? Number.POSITIVE_INFINITY); ) {
    const { position } = picture
    const change = await client.groups.changes(
      { all, ...(position === undefined ? {} : { after: position }) },
      { signal },
    )
    // The engine answers who leaves, too: without this the stream that was left would be asked for ever.
    signal.throwIfAborted()
    picture = afterChange(picture, change)
    take(picture)
    if (!picture.more && change.sampling.refresh !== refresh) {
      refresh = change.sampling.refresh
      seen++
    }
  }
  return null
}
