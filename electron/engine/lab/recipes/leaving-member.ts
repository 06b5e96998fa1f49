/** What the recipes share in which one of four members leaves while connections wait in every queue. */
import type { Variant } from '../../../contract/lab.ts'
import type { Status } from '../status.ts'
import type { RecipeContext } from './recipe-context.ts'
import type { TestRun, TrafficResult } from './test-run.ts'
import { emptyVariant, labels, withCounts, withFigures, withNote } from './variants.ts'

export const MEMBERS = 4
/** The index of the member that leaves. */
export const LEAVES = 1

/** A variant in which it is marked as closed. */
export function closingVariant(title: string, subtitle: string): Variant {
  const empty = emptyVariant({ title, subtitle, shape: 'reuseport' }, labels(MEMBERS), ['answered', 'lost'])
  return withNote(empty, LEAVES, 'closed')
}

/** How the connections of such a variant ended. */
export type Ends = {
  readonly received: readonly number[]
  /** Accepted connections. */
  readonly done: number
  readonly resets: number
}

export function showEnds(stage: RecipeContext, at: number, { received, done, resets }: Ends): void {
  stage.setVariant(at, (way) => withFigures(withCounts(way, received), { answered: done, lost: resets }))
}

/** Stalls all workers and fills the queues with `count` connections in all. Returns the state before. */
export async function fillQueues(bench: TestRun, count: number): Promise<Status> {
  for (let member = 0; member < MEMBERS; member++) await bench.ask('stall', { member })
  const before = await bench.begin({ count, exchange: 'hold', seconds: 60 })
  // A connection is timed once it is established: then all are queued.
  await bench.until(({ traffic }) => traffic !== null && traffic.samples >= count)
  return before
}

/** Lets these members accept, until each of the `count` connections is accepted or reset. */
export async function drainQueues(
  bench: TestRun,
  count: number,
  before: Status,
  resumes: (member: number) => boolean,
): Promise<TrafficResult> {
  for (let member = 0; member < MEMBERS; member++) if (resumes(member)) await bench.ask('resume', { member })
  const accepted = (workers: readonly { received: number }[]) =>
    workers.reduce((all, { received }) => all + received, 0)
  await bench.until(({ workers, traffic }) => accepted(workers) + (traffic?.resets ?? 0) >= count)
  await bench.ask('traffic-stop')
  return bench.result(await bench.until(({ traffic }) => traffic?.endedAt !== null), before)
}
