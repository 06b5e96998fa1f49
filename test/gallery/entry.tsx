/** One entry of the gallery. */
import type { ReactNode } from 'react'
import type { EngineRouter } from '../../electron/host/request-limit.ts'
import { App } from '../../renderer/app/app.tsx'
import * as later from '../../renderer/app/later.ts'
import { createLaterCode } from '../../renderer/app/later-code.ts'
import { createPage, type Page, PageProvider } from '../../renderer/app/page.tsx'
import { LaterProvider } from '../../renderer/app/use-later.ts'
import { goTo, type Route } from '../../renderer/model/route.ts'
import { type InPageEngine, inPageEngine } from './in-page-engine.ts'

export type Entry = {
  /** What is shown, and its state: "groups, stale". */
  readonly name: string
  /** Text that is on screen once the state is reached. */
  readonly shows: string
  /** Makes it, with state that nothing else has; what it started ends with `end`. */
  readonly make: (end: AbortSignal) => ReactNode
}

type ScreenOptions = {
  readonly route: Route
  readonly engine: { readonly router: EngineRouter }
  /** What the page did before it connects. */
  readonly before?: (page: Page) => void
  /** Text that is on screen when `act` runs; without it, it runs at once. */
  readonly loaded?: string
  readonly act?: (page: Page, engine: InPageEngine, end: AbortSignal) => void
}

/** A whole page, connected to a double. */
export function screen(name: string, shows: string, options: () => ScreenOptions): Entry {
  return {
    name,
    shows,
    make(end) {
      const { route, engine, before, loaded, act } = options()
      const page = createPage()
      before?.(page)
      const transport = inPageEngine(engine)
      goTo(route)
      const stop = page.store.start(transport)
      end.addEventListener('abort', stop)
      if (act) void (loaded === undefined ? Promise.resolve() : seen(loaded, end)).then(() => act(page, transport, end))
      return (
        <LaterProvider value={createLaterCode(async () => later)}>
          <PageProvider page={page}>
            <App />
          </PageProvider>
        </LaterProvider>
      )
    },
  }
}

/** Presses the first button with this text, as a screen reader does. */
export function press(text: string): void {
  const buttons = [...document.querySelectorAll('button')]
  buttons.find((button) => button.textContent.includes(text) || button.ariaLabel === text)?.click()
}

/** Resolves when the page shows `text`, unless its entry has ended. */
function seen(text: string, end: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!document.body.textContent.includes(text)) return
      watching.disconnect()
      resolve()
    }
    const watching = new MutationObserver(look)
    watching.observe(document.body, { subtree: true, childList: true, characterData: true })
    end.addEventListener('abort', () => watching.disconnect())
    look()
  })
}
