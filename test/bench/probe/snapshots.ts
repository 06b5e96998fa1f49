/** Saves, opens and compares snapshots of all sockets. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compare } from '../../../electron/engine/snapshots/compare.ts'
import { readSnapshot } from '../../../electron/engine/snapshots/read.ts'
import { engineFor } from './engine.ts'
import { watchPeak } from './process.ts'

export async function snapshots({ rounds }: { rounds: number }) {
  const folder = await mkdtemp(join(tmpdir(), 'reuseport-bench-'))
  const engine = engineFor(60_000, folder)
  const saves: number[] = []
  const peaks: number[] = []
  const opens: number[] = []
  const compares: number[] = []
  try {
    for (let round = 0; round < 2; round++) await engine.client.sampling.refresh()
    for (let round = 0; round < rounds; round++) {
      const peak = watchPeak()
      saves.push(await timed(() => engine.client.snapshots.save({ name: `bench ${round}` })))
      peaks.push(peak())
    }
    const path = (round: number) => join(folder, `bench ${round}.json.gz`)
    let before = await readSnapshot(path(0))
    for (let round = 1; round < rounds; round++) {
      let after = before
      opens.push(
        await timed(async () => {
          after = await readSnapshot(path(round))
        }),
      )
      compares.push(await timed(async () => compare(before, after)))
      before = after
    }
    const sockets = before.groups.reduce((sum, { members }) => sum + members.length, 0)
    return { saves, peaks, opens, compares, sockets }
  } finally {
    await engine.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}
