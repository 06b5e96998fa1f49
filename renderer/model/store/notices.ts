/** The notice at the bottom of the page: what was done, with a way on or back. One at a time. */
import { createStore, type StoreApi } from 'zustand'

/** Long enough to read it and to reach its button. */
const SHOWN_MS = 10_000

export type Notice = {
  readonly text: string
  /** It did not work. */
  readonly failed?: boolean
  readonly action?: { readonly name: string; readonly run: () => void }
  /** Called when the notice ends without its action. */
  readonly ended?: () => void
}

export type Notices = {
  readonly state: StoreApi<{ notice: Notice | null }>
  /** Shows it in place of the last one. */
  readonly show: (notice: Notice) => void
  readonly dismiss: () => void
  /** Runs the action of the notice. */
  readonly act: () => void
}

export function createNotices(): Notices {
  const state = createStore<{ notice: Notice | null }>(() => ({ notice: null }))
  let timer: ReturnType<typeof setTimeout> | undefined
  const end = (): Notice | null => {
    clearTimeout(timer)
    const { notice } = state.getState()
    state.setState({ notice: null })
    return notice
  }
  const dismiss = () => end()?.ended?.()
  return {
    state,
    show(notice) {
      dismiss()
      state.setState({ notice })
      timer = setTimeout(dismiss, SHOWN_MS)
    },
    dismiss,
    act: () => end()?.action?.run(),
  }
}
