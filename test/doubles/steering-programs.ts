/** BPF programs that pick a member of a group. */
import type { KernelGroup, ProgramMap, SteeringProgram } from '../../electron/contract/kernel-group.ts'

/** Its instructions: code, jt, jf, k. */
export const classic = (...list: [number, number, number, number][]): SteeringProgram => ({
  kind: 'classic',
  instructions: list.map(([code, jt, jf, k]) => ({ code, jt, jf, k })),
})
/** Returns this place for every client. */
export const returning = (place: number) => classic([0x06, 0, 0, place])
/** Returns the CPU modulo `members`. */
export const byCpu = (members: number) => classic([0x20, 0, 0, 0xfffff024], [0x94, 0, 0, members], [0x16, 0, 0, 0])
/** With these sockets in its array, by key; null: an unknown one. */
export const extended = (...cookies: (string | null)[]): Extract<SteeringProgram, { kind: 'extended' }> => ({
  kind: 'extended',
  id: 412,
  name: 'select_worker',
  tag: '7c1e02b4a95d3f60',
  type: 21,
  loadedAt: '2026-01-01T00:00:00.000Z',
  mapCount: 1,
  maps: [
    { id: 88, name: 'worker_socks', type: 20, maxEntries: 8, places: cookies.map((cookie, key) => ({ key, cookie })) },
  ],
})
/** With '2' in its socket array, and a further map of this type. */
export const extendedWith = (changed: Partial<ProgramMap>, further?: number): SteeringProgram => {
  const beside = further === undefined ? [] : [{ id: 89, name: 'more', type: further, maxEntries: 1, places: null }]
  const maps = [...extended('2').maps.map((map) => ({ ...map, ...changed })), ...beside]
  return { ...extended(), mapCount: maps.length, maps }
}
export function group(program: SteeringProgram | null, members: (string | null)[] = ['1', '2', '3', '4']): KernelGroup {
  return { id: 1, members, halfOpen: null, closed: [], maxSocks: 128, bindInany: false, hasConns: false, program }
}
