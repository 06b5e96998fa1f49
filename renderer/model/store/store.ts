/** Everything that the page knows of its engine, and what the user can do with it. */
import type { Transport } from '../transport/transport.ts'
import { createEngine, type Engine } from './engine.ts'
import { createEvents, type Events } from './events.ts'
import { createFindings, type Findings } from './findings.ts'
import { createGroups, type Groups } from './groups.ts'
import { createLab, type LabStore } from './lab.ts'
import { createNotices, type Notices } from './notices.ts'
import { createSession, type SessionStore } from './session.ts'
import { createSettings, type SettingsStore } from './settings.ts'
import { createSource, type Source } from './source.ts'
import { createView, type View } from './view.ts'

const SWEEP_MS = 400

export type PageStore = {
  readonly session: SessionStore
  readonly groups: Groups
  readonly findings: Findings
  readonly events: Events
  readonly lab: LabStore
  readonly view: View
  readonly source: Source
  readonly notices: Notices
  readonly engine: Engine
  /**
   * Applies changed settings immediately and has the engine store them. Settings that cannot be stored hold until the
   * page closes, with an error.
   */
  readonly changeSettings: SettingsStore['change']
  /** Connects to the engine and stays connected. Returns a function that ends it. */
  readonly start: (transport: Transport) => () => void
}

/** A new store, which shares nothing with any other, and does nothing until it is started. */
export function createPageStore(): PageStore {
  const session = createSession()
  const groups = createGroups()
  const settings = createSettings(session)
  const view = createView(session, groups, settings.change)
  const findings = createFindings(session, groups)
  const events = createEvents()
  const lab = createLab()
  const notices = createNotices()
  const source = createSource(session, groups)
  const engine = createEngine({ session, settings, groups, findings, events, lab })
  const start = (transport: Transport) => {
    const sweeping = setInterval(() => groups.table.sweep(Date.now()), SWEEP_MS)
    const disconnect = engine.connect(transport)
    return () => {
      clearInterval(sweeping)
      disconnect()
    }
  }
  return {
    session,
    groups,
    findings,
    events,
    lab,
    view,
    source,
    notices,
    engine,
    changeSettings: settings.change,
    start,
  }
}
