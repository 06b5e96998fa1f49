/** Changes of a group's stream, for tests. */
import type { GroupChange } from '../../../../../electron/contract/live.ts'

export function change(parts: Partial<GroupChange>): GroupChange {
  return {
    cursor: '1',
    reset: false,
    more: false,
    row: null,
    left: [],
    joined: [],
    values: { members: [], lengths: [], limits: [], drops: [], dropsPerSecond: [] },
    sampler: {
      refresh: 1,
      takenAt: '2026-01-01T00:00:00.000Z',
      durationMs: 1,
      intervalMs: 1000,
      requestedIntervalMs: 1000,
      paused: false,
      problem: null,
    },
    ...parts,
  }
}
