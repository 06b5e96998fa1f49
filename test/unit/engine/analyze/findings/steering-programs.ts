/** BPF programs that pick a member of a group, for examples of findings. */
import type { KernelGroup, SteeringProgram } from '../../../../../electron/contract/kernel-group.ts'

/** Returns 0 for every client. */
export const classic: SteeringProgram = { kind: 'classic', instructions: [{ code: 6, jt: 0, jf: 0, k: 0 }] }
/** Its map has the first member alone. */
export const extended: SteeringProgram = {
  kind: 'extended',
  id: 12,
  name: 'select_worker',
  tag: '7c1e02b4a95d3f60',
  type: 21,
  loadedAt: '2026-01-01T00:00:00.000Z',
  mapCount: 1,
  maps: [{ id: 88, name: 'worker_socks', type: 20, maxEntries: 8, places: [{ key: 0, cookie: '1' }] }],
}

/** Returns 7 for every client, which is no place of a group of two. */
export const pastTheEnd: SteeringProgram = { kind: 'classic', instructions: [{ code: 6, jt: 0, jf: 0, k: 7 }] }
/** Its map has none: the sockets in it have closed. */
export const emptied: SteeringProgram = {
  ...extended,
  maps: [{ id: 88, name: 'worker_socks', type: 20, maxEntries: 8, places: [] }],
}

/** Its map has both. */
export const whole: SteeringProgram = {
  ...extended,
  maps: [
    {
      id: 88,
      name: 'worker_socks',
      type: 20,
      maxEntries: 8,
      places: ['1', '2'].map((cookie, key) => ({ key, cookie })),
    },
  ],
}

export function steeredBy(members: string[], program: SteeringProgram): KernelGroup {
  const rest = { halfOpen: null, closed: [], maxSocks: 128, bindInany: false, hasConns: false }
  return { id: 1, members, ...rest, program }
}
