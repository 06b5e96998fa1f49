/** Follows the stream of findings of one network namespace. */
import type { FindingRow } from '../../../electron/contract/analysis.ts'
import { CONDITION_MS } from '../../support/timeouts.ts'
import type { Client } from './engine.ts'

/** A little more than one slot of the engine's hysteresis. */
const SLOT_MS = 100

export type FindingsFollower = {
  /** Reads on until `condition` holds for the raised findings; fails after a minute. */
  until(
    what: string,
    condition: (rows: FindingRow[]) => boolean,
    /** Runs before each refresh. */
    meanwhile?: () => Promise<void>,
  ): Promise<FindingRow[]>
  /**
   * Until a finding of this code is raised for this port, with this evidence: it may be raised of what is there so far, and
   * follows the rest.
   */
  raised(code: string, port: number, evidence?: Readonly<Record<string, number>>): Promise<FindingRow>
  cleared(code: string, port: number): Promise<void>
  /** The codes raised for this port after so many more refreshes. */
  after(refreshes: number, port: number): Promise<string[]>
}

export function followFindings(client: Client, netns: number): FindingsFollower {
  const known = new Map<string, FindingRow>()
  let cursor: string | undefined
  let refresh = 0
  const ask = async () => {
    const asked = client.findings.changes({ after: cursor })
    // The sockets of other tests can slow the engine's clock; an explicit refresh does not wait for it. Refreshes closer
    // together than this count as one.
    await new Promise((resolve) => setTimeout(resolve, SLOT_MS))
    await client.sampling.refresh()
    const change = await asked
    if (change.reset) known.clear()
    for (const id of change.removed) known.delete(id)
    for (const row of change.rows) known.set(row.id, row)
    cursor = change.cursor
    refresh = change.sampler.refresh
  }
  const rows = () => [...known.values()].filter(({ key }) => key.netns === netns)
  const of = (code: string, port: number, evidence: Readonly<Record<string, number>> = {}) =>
    rows().find(
      (row) =>
        row.code === code &&
        row.key.port === port &&
        Object.entries(evidence).every(([of, is]) =>
          row.evidence.some(({ name, value }) => name === of && value === is),
        ),
    )
  const follower: FindingsFollower = {
    until: async (what, condition, meanwhile) => {
      const deadline = performance.now() + CONDITION_MS
      while (!condition(rows())) {
        if (performance.now() > deadline) {
          throw new Error(`Timed out waiting until ${what}; raised: ${JSON.stringify(rows(), null, 1)}`)
        }
        await meanwhile?.()
        await ask()
      }
      return rows()
    },
    raised: async (code, port, evidence) => {
      const what = `${code} is raised${evidence === undefined ? '' : ` with ${JSON.stringify(evidence)}`}`
      await follower.until(what, () => of(code, port, evidence) !== undefined)
      const row = of(code, port, evidence)
      if (row === undefined) throw new Error('the finding is missing')
      return row
    },
    cleared: async (code, port) => {
      await follower.until(`${code} is cleared`, () => of(code, port) === undefined)
    },
    after: async (refreshes, port) => {
      await ask()
      for (const until = refresh + refreshes; refresh < until; ) await ask()
      return rows().flatMap((row) => (row.key.port === port ? [row.code] : []))
    },
  }
  return follower
}
