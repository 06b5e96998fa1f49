/** Recent clients in a snapshot that was asked for with them. */
import { setTimeout as pause } from 'node:timers/promises'
import { receives } from '../../contract/constants.ts'
import type { Group, Snapshot } from '../../contract/model.ts'
import type { FlowSamples } from '../collect/flow-samples.ts'

/** The contract says so. */
const MAX_GROUPS = 20
/** What is sampled meanwhile must fit into the reader's buffer. */
const READ_EVERY_MS = 1000

/** Samples the clients of these groups for `forMs`. Never rejects. */
export async function sampleFlows(samples: FlowSamples, { groups }: Snapshot, forMs: number): Promise<void> {
  for (const group of groups.slice(0, MAX_GROUPS)) await samples.of(group.id, receivers(group), forMs)
  const until = performance.now() + forMs
  for (let left = forMs; left > 0 && samples.unavailable === null; left = until - performance.now()) {
    await pause(Math.min(left, READ_EVERY_MS))
    await samples.read('now')
  }
}

/** The snapshot with what was sampled since, or why nothing was. */
export async function withFlows(samples: FlowSamples, snapshot: Snapshot): Promise<Snapshot> {
  const groups: Group[] = []
  for (const [at, group] of snapshot.groups.entries()) {
    const recentFlows = at < MAX_GROUPS ? await samples.of(group.id, receivers(group)) : null
    groups.push(recentFlows === null ? group : { ...group, recentFlows })
  }
  const { unavailable } = samples
  return { ...snapshot, groups, ...(unavailable !== null && { flowsUnknownBecause: unavailable }) }
}

function receivers({ members }: Group): string[] {
  return members.flatMap(({ cookie, state }) => (cookie !== null && receives(state) ? [cookie] : []))
}
