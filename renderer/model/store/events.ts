/** The events that the engine remembers. */
import { createStore, type StoreApi } from 'zustand'
import type { Problem } from '../../../electron/contract/errors.ts'
import type { EventsChange, LoggedEvent } from '../../../electron/contract/events.ts'
import type { Streamed } from './streamed.ts'

/** The newest first. */
export type EventsState = Streamed<LoggedEvent>

export type Events = {
  readonly state: StoreApi<EventsState>
  /** Applies one change of the stream. */
  readonly take: (change: EventsChange) => void
  readonly fail: (problem: Problem) => void
}

export function createEvents(): Events {
  const byId = new Map<number, LoggedEvent>()
  const state = createStore<EventsState>(() => ({ list: [], complete: false, problem: null }))
  return {
    state,
    take({ reset, more, events, oldest }) {
      if (reset) byId.clear()
      for (const event of events) byId.set(event.id, event)
      for (const id of byId.keys()) if (id < oldest) byId.delete(id)
      const changed = reset || events.length > 0
      const { list, complete } = state.getState()
      if (!changed && complete === !more) return
      state.setState({
        list: changed ? [...byId.values()].sort((a, b) => b.id - a.id) : list,
        complete: complete || !more,
        problem: null,
      })
    },
    fail: (problem) => state.setState({ problem }),
  }
}
