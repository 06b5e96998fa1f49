/** Builds frames like the addon's from a description, with a layout of their own: code must use `layout` alone. */
import type { Field, Frame, Layout, RowLayout } from '../../../../native/index.ts'

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

const UNKNOWN = 0xffffffff

function rowLayout(fields: Record<string, Field['type'] | number>): RowLayout {
  const width = { u8: 1, u16: 2, u32: 4, u64: 8 } as const
  let offset = 8
  const placed: Record<string, Field> = {}
  for (const [name, type] of Object.entries(fields)) {
    const length = typeof type === 'number' ? type : type === 'bytes' ? 16 : width[type]
    const align = typeof type === 'number' || type === 'bytes' ? 1 : length
    offset = Math.ceil(offset / align) * align
    placed[name] = { offset, type: typeof type === 'number' ? 'bytes' : type, length }
    offset += length
  }
  return { stride: Math.ceil(offset / 8) * 8, fields: placed }
}

export const fakeLayout: Layout = {
  socket: rowLayout({
    change: 'u8',
    port: 'u16',
    remote_port: 'u16',
    incoming_cpu: 'u16',
    cookie: 'u64',
    inode: 'u32',
    uid: 'u32',
    netns: 'u32',
    interface: 'u32',
    group: 'u32',
    queue_length: 'u32',
    queue_limit: 'u32',
    drops: 'u32',
    drops_delta: 'u32',
    first_holder: 'u32',
    holders: 'u32',
    since: 'u32',
    changed: 'u32',
    family: 'u8',
    protocol: 'u8',
    state: 'u8',
    v6only: 'u8',
    options: 'u8',
    address: 16,
    remote_address: 16,
  }),
  group: rowLayout({
    id: 'u64',
    queue_length: 'u64',
    queue_limit: 'u64',
    drops: 'u64',
    drops_delta: 'u64',
    address: 16,
    first: 'u32',
    sockets: 'u32',
    receiving: 'u32',
    drops_known: 'u32',
    fullest: 'u32',
    uid: 'u32',
    netns: 'u32',
    interface: 'u32',
    since: 'u32',
    changed: 'u32',
    members_changed: 'u32',
    port: 'u16',
    family: 'u8',
    protocol: 'u8',
    v6only: 'u8',
    sharing: 'u8',
    evidence: 'u8',
    pending: 'u8',
    change: 'u8',
  }),
  holder: rowLayout({ inode: 'u32', pid: 'u32', fd: 'u32', process: 'u32' }),
  process: rowLayout({
    start_time: 'u64',
    pid: 'u32',
    parent: 'u32',
    uid: 'u32',
    netns: 'u32',
    sockets: 'u32',
    epolls: 'u32',
    command: 16,
  }),
}

class Writer {
  readonly buffer: ArrayBuffer
  readonly #layout: RowLayout
  readonly #view: DataView
  constructor(layout: RowLayout, rows: number) {
    this.#layout = layout
    this.buffer = new ArrayBuffer(layout.stride * rows)
    this.#view = new DataView(this.buffer)
  }
  set(row: number, values: Record<string, number | bigint | number[]>): void {
    for (const [name, value] of Object.entries(values)) {
      const field = this.#layout.fields[name]
      if (!field) throw new Error(`no field ${name}`)
      const at = row * this.#layout.stride + field.offset
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
  const groupRows = new Writer(fakeLayout.group, groups.length)
  const socketRows = new Writer(fakeLayout.socket, socketCount)
  const holderRows = new Writer(fakeLayout.holder, holderCount)
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
