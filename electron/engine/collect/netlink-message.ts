/** Netlink messages (netlink(7)), converted between values and bytes: a header, a fixed part, attributes. */
import { endianness } from 'node:os'

/** Netlink has the byte order of the machine. */
const LITTLE = endianness() === 'LE'
const HEADER = 16
/** NLM_F_REQUEST, and with it NLM_F_ROOT | NLM_F_MATCH for a dump (linux/netlink.h). */
const REQUEST = 0x1
const DUMP = 0x300
/** Without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const TYPE_MASK = 0x3fff

export type Attribute = { readonly type: number; readonly payload: Uint8Array }
/** `body`: the fixed part and the attributes. */
export type NetlinkMessage = { readonly type: number; readonly body: Uint8Array }

/** A request for `Reader.query`. */
export function netlinkRequest(
  type: number,
  fixed: Uint8Array,
  attributes: readonly Attribute[],
  kind: 'get' | 'dump',
): Uint8Array {
  const start = HEADER + aligned(fixed.length)
  const length = attributes.reduce((sum, { payload }) => sum + aligned(4 + payload.length), start)
  const bytes = new Uint8Array(length)
  const view = viewOf(bytes)
  view.setUint32(0, length, LITTLE)
  view.setUint16(4, type, LITTLE)
  view.setUint16(6, kind === 'dump' ? REQUEST | DUMP : REQUEST, LITTLE)
  bytes.set(fixed, HEADER)
  let at = start
  for (const { type: kindOf, payload } of attributes) {
    view.setUint16(at, 4 + payload.length, LITTLE)
    view.setUint16(at + 2, kindOf, LITTLE)
    bytes.set(payload, at + 4)
    at += aligned(4 + payload.length)
  }
  return bytes
}

/** The messages of an answer. Stops at one with an invalid length. */
export function* netlinkMessages(bytes: Uint8Array): Generator<NetlinkMessage> {
  const view = viewOf(bytes)
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = view.getUint32(at, LITTLE)
    if (length < HEADER || at + length > bytes.length) return
    yield { type: view.getUint16(at + 4, LITTLE), body: bytes.subarray(at + HEADER, at + length) }
    at += aligned(length)
  }
}

/** The attributes in `bytes`, in their order. Stops at one with an invalid length. */
export function* netlinkAttributes(bytes: Uint8Array): Generator<Attribute> {
  const view = viewOf(bytes)
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = view.getUint16(at, LITTLE)
    if (length < 4 || at + length > bytes.length) return
    yield { type: view.getUint16(at + 2, LITTLE) & TYPE_MASK, payload: bytes.subarray(at + 4, at + length) }
    at += aligned(length)
  }
}

/** The same by type; of several with one type, the last. */
export function attributesByType(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  return new Map([...netlinkAttributes(bytes)].map(({ type, payload }) => [type, payload]))
}

/** A number in the machine's byte order; null where there is none. */
export function hostU32(bytes: Uint8Array | undefined): number | null {
  return bytes === undefined || bytes.length < 4 ? null : viewOf(bytes).getUint32(0, LITTLE)
}

export function fromHostU32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  viewOf(bytes).setUint32(0, value, LITTLE)
  return bytes
}

/** A number in network byte order, as in nfnetlink. */
export function netU32(bytes: Uint8Array | undefined): number | null {
  return bytes === undefined || bytes.length < 4 ? null : viewOf(bytes).getUint32(0)
}

/** The text up to the first NUL byte. */
export function netlinkText(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return ''
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
}

function aligned(length: number): number {
  return (length + 3) & ~3
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
