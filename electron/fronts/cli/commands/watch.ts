/** `watch`: the groups, live: on the screen, or as a line of JSON a refresh. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Client, Context } from '../context.ts'
import { badUsage, type ExitStatus } from '../failure.ts'
import { printJsonLine } from '../json.ts'
import { type Filters, selectionOf } from '../option-values.ts'
import { pageSize, visibleRows, watchPage } from '../watch/page.ts'
import { afterChange, nothingYet, type WatchPicture } from '../watch/picture.ts'
import { afterKey, initialView, type WatchView } from '../watch/view.ts'

export type WatchOptions = Filters & {
  /** Milliseconds. */
  readonly interval: number
  /** Refreshes until it ends by itself; for ever where it is left out. */
  readonly count?: number
  readonly json?: boolean
  readonly owners: boolean
}

/** Runs until the person leaves, or for `count` refreshes. */
export async function watch(options: WatchOptions, context: Context): Promise<ExitStatus> {
  if (options.json === true) return watchAsJson(options, context)
  if (!context.terminal.interactive) {
    throw badUsage('watch draws on a terminal, and standard output is none. With --json it prints a line a refresh.')
  }
  if (!options.owners) throw badUsage('--no-owners is for `watch --json`; the live table reads owners at its leisure.')
  return watchOnScreen(options, context)
}

async function watchAsJson(options: WatchOptions, { terminal, connect }: Context): Promise<ExitStatus> {
  const client = await connect()
  const request = { selection: selectionOf(options), owners: options.owners }
  for (let left = options.count ?? Number.POSITIVE_INFINITY; left > 0; left--) {
    const began = performance.now()
    await printJsonLine(terminal, await client.snapshot(request))
    if (left > 1) await pause(Math.max(0, options.interval - (performance.now() - began)))
  }
  return 0
}

async function watchOnScreen(options: WatchOptions, { connect, openScreen }: Context): Promise<ExitStatus> {
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
    pictures(client, { all: view.all, count: options.count }, signal, take).then(end, (error) => {
      if (!signal.aborted) end(error)
    })
  }
  const press = (name: string) => {
    if (name === 'q') return end()
    const total = visibleRows(picture, view, selection).length
    const before = view
    view = afterKey(view, name, { page: pageSize(screen.size), total })
    if (view.paused !== before.paused) client.sampling.pause({ paused: view.paused }).catch(end)
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
  return 0
}

/** Asks for change after change, and hands on the picture after each. Resolves after `count` whole pictures. */
async function pictures(
  client: Client,
  { all, count }: { all: boolean; count: number | undefined },
  signal: AbortSignal,
  take: (picture: WatchPicture) => void,
): Promise<null> {
  let picture: WatchPicture = nothingYet
  let refresh = -1
  for (let seen = 0; seen < (count ?? Number.POSITIVE_INFINITY); ) {
    const { position } = picture
    const change = await client.groups.changes(
      { all, ...(position === undefined ? {} : { after: position }) },
      { signal },
    )
    picture = afterChange(picture, change)
    take(picture)
    if (!picture.more && change.sampling.refresh !== refresh) {
      refresh = change.sampling.refresh
      seen++
    }
  }
  return null
}
