/** Builds frames like the addon's from a description. */
import type { Field } from '../../../../native/field.ts'
import type { Frame } from '../../../../native/index.ts'
import { layout } from '../../../../native/layout.generated.ts'

export type FakeSocket = {
  cookie: bigint
  inode?: number
  uid?: number
  state?: 1 | 2 | 3 | 4
  length?: number
  limit?: number | null
  drops?: number | null
  dropsDelta?: number
  changed?: number
  since?: number
  options?: number
  holders?: { pid: number; fd: number }[]
}
export type FakeGroup = {
  id: bigint
  sockets: FakeSocket[]
  netns?: number
  port?: number
  address?: number[]
  family?: 4 | 6
  protocol?: 6 | 17
  v6only?: 0 | 1 | 2
  interface?: number
  uid?: number | null
  sharing?: 0 | 1 | 2 | 3 | 4
  evidence?: 0 | 1 | 2 | 3 | 4
  changed?: number
  since?: number
  membersChanged?: number
}

const UNKNOWN: number = layout.numbers.kUnknown

type Rows = typeof layout.rows
type Values<Kind extends keyof Rows> = Partial<Record<keyof Rows[Kind]['fields'], number | bigint | number[]>>

class Writer<Kind extends keyof Rows> {
  readonly buffer: ArrayBuffer
  readonly #fields: Readonly<Record<string, Field<string>>>
  readonly #stride: number
  readonly #view: DataView
  constructor(kind: Kind, rows: number) {
    this.#fields = layout.rows[kind].fields
    this.#stride = layout.rows[kind].stride
    this.buffer = new ArrayBuffer(this.#stride * rows)
    this.#view = new DataView(this.buffer)
  }
  set(row: number, values: Values<Kind>): void {
    for (const [name, value] of Object.entries<number | bigint | number[] | undefined>(values)) {
      const field = this.#fields[name]
      if (!field || value === undefined) throw new Error(`no field ${name}`)
      const at = row * this.#stride + field.offset
      if (Array.isArray(value)) new Uint8Array(this.buffer, at, field.length).set(value)
      else if (field.type === 'u64') this.#view.setBigUint64(at, BigInt(value), true)
      else if (field.type === 'u32') this.#view.setUint32(at, Number(value), true)
      else if (field.type === 'u16') this.#view.setUint16(at, Number(value), true)
      else this.#view.setUint8(at, Number(value))
    }
  }
}

/** One frame with these groups, in this order. */
export function fakeFrame(refresh: number, groups: FakeGroup[], gone: Partial<Frame> = {}): Frame {
  const socketCount = groups.reduce((sum, group) => sum + group.sockets.length, 0)
  const holderCount = groups
    .flatMap((group) => group.sockets)
    .reduce((sum, socket) => sum + (socket.holders?.length ?? 0), 0)
  const groupRows = new Writer('group', groups.length)
  const socketRows = new Writer('socket', socketCount)
  const holderRows = new Writer('holder', holderCount)
  let first = 0
  let holder = 0
  for (const [row, group] of groups.entries()) {
    let fullest = UNKNOWN
    let best = -1
    for (const [index, socket] of group.sockets.entries()) {
      const at = first + index
      const receives = socket.state === undefined || socket.state === 1 || socket.state === 3
      const fill = socket.limit === null ? 0 : (socket.length ?? 0) / (socket.limit ?? 128)
      if (receives && fill > best) {
        best = fill
        fullest = at
      }
      socketRows.set(at, {
        cookie: socket.cookie,
        inode: socket.inode ?? Number(socket.cookie) + 10_000,
        uid: socket.uid ?? 0,
        netns: group.netns ?? 1,
        interface: group.interface ?? 0,
        group: row,
        queue_length: socket.length ?? 0,
        queue_limit: socket.limit === null ? UNKNOWN : (socket.limit ?? 128),
        drops: socket.drops === null ? UNKNOWN : (socket.drops ?? 0),
        drops_delta: socket.drops === null ? UNKNOWN : (socket.dropsDelta ?? 0),
        first_holder: holder,
        holders: socket.holders?.length ?? 0,
        since: socket.since ?? 1,
        changed: socket.changed ?? 1,
        port: group.port ?? 80,
        family: group.family ?? 4,
        protocol: group.protocol ?? 6,
        state: socket.state ?? 1,
        v6only: group.v6only ?? 2,
        options: socket.options ?? 0,
        address: group.address ?? [0, 0, 0, 0],
      })
      for (const { pid, fd } of socket.holders ?? []) {
        holderRows.set(holder++, { inode: socket.inode ?? Number(socket.cookie) + 10_000, pid, fd, process: 0 })
      }
    }
    const receiving = group.sockets.filter(({ state }) => state === undefined || state === 1 || state === 3)
    const sum = (pick: (socket: FakeSocket) => number) => receiving.reduce((total, socket) => total + pick(socket), 0)
    groupRows.set(row, {
      id: group.id,
      queue_length: sum((socket) => socket.length ?? 0),
      queue_limit: sum((socket) => (socket.limit === null ? 0 : (socket.limit ?? 128))),
      drops: sum((socket) => socket.drops ?? 0),
      drops_delta: sum((socket) => socket.dropsDelta ?? 0),
      drops_known: receiving.filter(({ drops }) => drops !== null).length,
      first,
      sockets: group.sockets.length,
      receiving: receiving.length,
      fullest,
      uid: group.uid === null ? UNKNOWN : (group.uid ?? 0),
      netns: group.netns ?? 1,
      interface: group.interface ?? 0,
      since: group.since ?? 1,
      changed: group.changed ?? 1,
      members_changed: group.membersChanged ?? 1,
      port: group.port ?? 80,
      family: group.family ?? 4,
      protocol: group.protocol ?? 6,
      v6only: group.v6only ?? 2,
      sharing: group.sharing ?? 1,
      evidence: group.evidence ?? 1,
      pending: 0,
      address: group.address ?? [0, 0, 0, 0],
    })
    first += group.sockets.length
  }
  return {
    refresh,
    sockets: socketRows.buffer,
    socketCount,
    groups: groupRows.buffer,
    groupCount: groups.length,
    holders: holderRows.buffer,
    holderCount,
    unheldCount: groups.flatMap((group) => group.sockets).filter(({ holders = [] }) => holders.length === 0).length,
    removedGroups: new BigUint64Array(0),
    removedSockets: new BigUint64Array(0),
    removedSocketGroups: new BigUint64Array(0),
    ...gone,
  }
}
