/** Snapshots of successive frames, at the cost of what changed: all other groups are the same objects as before. */
import type { Group, Snapshot } from '../../../contract/model.ts'
import { GroupIds } from '../../analyze/findings/group-ids.ts'
import type { FrameView } from '../../collect/frame-view.ts'
import { TimeSlice } from '../../common/time-slice.ts'
import { type FrameSource, snapshotHead } from '../live-snapshot.ts'

export class GrowingSnapshot {
  #groups = new Map<string, Group>()
  /** The refresh of the last frame. */
  #refresh = 0
  #kernelReadings = 0

  /** The memory of `frame` must be valid until this is done. */
  async take(frame: FrameView, source: FrameSource): Promise<Snapshot> {
    const { collector, sampler, findings } = source
    const since = this.#refresh
    this.#refresh = frame.refresh
    const { readings } = collector.kernelGroups
    const programsMayDiffer = readings !== this.#kernelReadings
    this.#kernelReadings = readings
    const ids = new GroupIds()
    const groups = new Map<string, Group>()
    const slice = new TimeSlice()
    for (let row = 0; row < frame.groups.count; row++) {
      if (slice.expired) await slice.next()
      const id = ids.of(frame, row)
      const known = this.#groups.get(id)
      const same =
        known !== undefined &&
        frame.changed(row) <= since &&
        frame.givenChangedOf(row) <= since &&
        !(programsMayDiffer && programsDiffer(frame, row, known))
      groups.set(id, same ? known : frame.group(row, true))
    }
    this.#groups = groups
    const { durationMs } = sampler.state
    return {
      ...snapshotHead(collector, frame, durationMs, sampler.shortfalls),
      groups: [...groups.values()],
      findings: findings.of(new Set(groups.keys())),
    }
  }
}

function programsDiffer(frame: FrameView, row: number, known: Group): boolean {
  if (frame.isUnshared(row)) return false
  const programs = (groups: Group['kernelGroups']) =>
    JSON.stringify((groups ?? []).flatMap(({ program }) => program ?? []))
  return programs(frame.kernelGroups(row)) !== programs(known.kernelGroups)
}
