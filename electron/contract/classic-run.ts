/**
 * Runs a classic BPF program that is attached to a group (SO_ATTACH_REUSEPORT_CBPF) on a client's packet, as far as that
 * is known here: addresses and ports are, the receiving CPU, a random number or the payload are not. What depends on
 * something unknown keeps its name and its range. Instructions and offsets are those of linux/filter.h; the program sees
 * the packet from behind its TCP or UDP header (run_bpf_filter(), net/core/sock_reuseport.c). Pure.
 */
import type { ClassicInstruction } from './kernel-group.ts'
import type { Family, Protocol } from './model.ts'

/** A client's first packet. Assumed: no IP options or extension headers, and for TCP no data (TCP Fast Open). */
export type ClientPacket = {
  readonly protocol: Protocol
  readonly family: Family
  /** 16 bytes, IPv4 in the first four; null where any local address may be meant. */
  readonly localAddress: Uint8Array | null
  readonly localPort: number
  readonly remoteAddress: Uint8Array
  readonly remotePort: number
  /** Index of the ingress interface; 0 where it is unknown. */
  readonly interface: number
}

/** Numbers that a program can return, both ends included. */
export type Range = { readonly from: number; readonly to: number }

export type ClassicResult = {
  readonly ranges: readonly Range[]
  /** What it depends on; empty where it returns one number. */
  readonly dependsOn: readonly string[]
}

/** A number, or what it depends on and the highest that it can be. */
type Value = { readonly known: number } | { readonly on: ReadonlySet<string>; readonly most: number }

type State = {
  readonly at: number
  readonly a: Value
  readonly x: Value
  readonly memory: ReadonlyMap<number, Value>
  /** What the jumps up to here depended on. */
  readonly on: ReadonlySet<string>
}

const U32 = 0xffffffff
/** Paths through the jumps that depend on something unknown. */
const MAX_PATHS = 256

const PAYLOAD = "the packet's payload"
const HEADER = "other fields of the packet's headers"
const CLIENT = "the client's address and port"

/** SKF_AD_OFF, and what its offsets stand for. */
const EXTENSIONS_AT = 0xfffff000
const EXTENSIONS: Readonly<Record<number, readonly [name: string, most: number]>> = {
  4: ['the packet type', 7],
  12: ['netlink attributes', U32],
  16: ['netlink attributes', U32],
  20: ["the packet's mark", U32],
  24: ['the receive queue of the network card', 0xffff],
  28: ['the type of the network card', 0xffff],
  32: ["the packet's hash", U32],
  36: ['the CPU that receives it', U32],
  44: ['the VLAN tag', 0xffff],
  48: ['the VLAN tag', 1],
  52: ["the packet's headers", U32],
  56: ['a random number', U32],
  60: ['the VLAN tag', 0xffff],
}
/** SKF_NET_OFF and SKF_LL_OFF. */
const NETWORK_AT = 0xfff00000
const LINK_AT = 0xffe00000

/** What the program returns for the packet; null: for any packet. */
export function runClassic(program: readonly ClassicInstruction[], packet: ClientPacket | null): ClassicResult {
  const ranges: Range[] = []
  const dependsOn = new Set<string>()
  const zero = { known: 0 }
  const open: State[] = [{ at: 0, a: zero, x: zero, memory: new Map(), on: new Set() }]
  for (let paths = 0, state = open.pop(); state !== undefined; state = open.pop()) {
    const end = followPath(program, packet, state)
    if (Array.isArray(end)) {
      open.push(...end)
      if (++paths < MAX_PATHS) continue
      return { ranges: [{ from: 0, to: U32 }], dependsOn: [...dependsOn, CLIENT, PAYLOAD] }
    }
    const { value, on } = end
    for (const name of on) dependsOn.add(name)
    if ('known' in value) ranges.push({ from: value.known, to: value.known })
    else {
      for (const name of value.on) dependsOn.add(name)
      ranges.push({ from: 0, to: value.most })
    }
  }
  const merged = mergeRanges(ranges)
  const [only] = merged
  const certain = merged.length === 1 && only !== undefined && only.from === only.to
  return { ranges: merged, dependsOn: certain ? [] : [...dependsOn] }
}

type Result = { readonly value: Value; readonly on: ReadonlySet<string> }

/** Runs up to the end, or up to a jump that may go both ways. */
function followPath(
  program: readonly ClassicInstruction[],
  packet: ClientPacket | null,
  start: State,
): Result | State[] {
  let { at, a, x } = start
  const { on } = start
  let memory = start.memory
  // The kernel has checked that jumps go forward, and that the last instruction returns.
  for (;;) {
    const instruction = program[at++]
    if (instruction === undefined) return { value: { known: 0 }, on }
    const { code, jt, jf, k } = instruction
    const operand = (code & 0x08) === 0 ? { known: k } : x
    switch (code & 0x07) {
      case 0x00:
      case 0x01: {
        const loaded = load(instruction, packet, a, x, memory)
        // A load beyond the packet's end, or a division by 0, ends the program with 0.
        if (loaded === null) return { value: { known: 0 }, on }
        if ((code & 0x07) === 0) a = loaded
        else x = loaded
        break
      }
      case 0x02:
        memory = new Map(memory).set(k, a)
        break
      case 0x03:
        memory = new Map(memory).set(k, x)
        break
      case 0x04: {
        const computed = compute(code & 0xf0, a, operand)
        if (computed === null) return { value: { known: 0 }, on }
        a = computed
        break
      }
      case 0x05: {
        if ((code & 0xf0) === 0) {
          at += k
          break
        }
        if ('known' in a && 'known' in operand) {
          at += jumps(code & 0xf0, a.known, operand.known) ? jt : jf
          break
        }
        const both = union(on, reasons(a), reasons(operand))
        return [jt, jf].map((jump) => ({ at: at + jump, a, x, memory, on: both }))
      }
      case 0x06:
        return { value: (code & 0x18) === 0x10 ? a : (code & 0x18) === 0x08 ? x : { known: k }, on }
      default:
        if ((code & 0xf8) === 0x80) a = x
        else x = a
    }
  }
}

/** null: the load fails, which ends the program with 0. */
function load(
  { code, k }: ClassicInstruction,
  packet: ClientPacket | null,
  a: Value,
  x: Value,
  memory: ReadonlyMap<number, Value>,
): Value | null {
  const size = { 0: 4, 8: 2, 16: 1 }[code & 0x18] ?? 4
  switch (code & 0xe0) {
    case 0x00:
      return { known: k }
    case 0x20:
      return k >= EXTENSIONS_AT ? extension(k - EXTENSIONS_AT, packet, a, x) : loadBytes(k, size, packet)
    case 0x40:
      if ('known' in x) return loadBytes((x.known + k) >>> 0, size, packet)
      return { on: union(x.on, new Set([PAYLOAD])), most: 2 ** (8 * size) - 1 }
    case 0x60:
      return memory.get(k) ?? { known: 0 }
    case 0x80:
      return packet?.protocol === 'tcp' ? { known: 0 } : { on: new Set([PAYLOAD]), most: 0xffff }
    default: {
      // ldxb 4*([k]&0xf)
      const byte = loadBytes(k, 1, packet)
      if (byte === null) return null
      return 'known' in byte ? { known: 4 * (byte.known & 0xf) } : { on: byte.on, most: 60 }
    }
  }
}

function extension(offset: number, packet: ClientPacket | null, a: Value, x: Value): Value {
  if (offset === 40) return compute(0xa0, a, x) ?? { known: 0 }
  if (offset === 0) {
    if (packet === null) return { on: new Set([CLIENT]), most: 0xffff }
    return { known: packet.family === 'ipv4' ? 0x0800 : 0x86dd }
  }
  if (offset === 8) {
    if (packet !== null && packet.interface !== 0) return { known: packet.interface }
    return { on: new Set(['the ingress interface']), most: U32 }
  }
  const [name, most] = EXTENSIONS[offset] ?? [HEADER, U32]
  return { on: new Set([name]), most }
}

function loadBytes(offset: number, size: number, packet: ClientPacket | null): Value | null {
  const most = 2 ** (8 * size) - 1
  if (offset >= LINK_AT && offset < NETWORK_AT) return { on: new Set([HEADER]), most }
  if (offset < LINK_AT) return packet?.protocol === 'tcp' ? null : { on: new Set([PAYLOAD]), most }
  let known = 0
  const on = new Set<string>()
  for (let at = 0; at < size; at++) {
    const byte = packet === null ? CLIENT : networkByte(offset - NETWORK_AT + at, packet)
    if (typeof byte === 'string') on.add(byte)
    else known = 256 * known + byte
  }
  return on.size === 0 ? { known } : { on, most }
}

/** A byte of the network header, or of the ports behind it; else what it belongs to. */
function networkByte(at: number, packet: ClientPacket): number | string {
  const { family, protocol, localAddress, localPort, remoteAddress, remotePort } = packet
  const [length, address, transport] = family === 'ipv4' ? [4, 12, 9] : [16, 8, 6]
  const header = address + 2 * length
  if (at === 0) return family === 'ipv4' ? 0x45 : 0x60
  if (at === transport) return protocol === 'tcp' ? 6 : 17
  if (at >= address && at < address + length) return remoteAddress[at - address] ?? HEADER
  if (at >= address + length && at < header) {
    return localAddress === null ? 'the destination address' : (localAddress[at - address - length] ?? HEADER)
  }
  const ports = [remotePort >> 8, remotePort & 0xff, localPort >> 8, localPort & 0xff]
  return ports[at - header] ?? HEADER
}

/** null: a division by 0. */
function compute(operation: number, a: Value, b: Value): Value | null {
  if ('known' in a && 'known' in b) {
    const known = exactly(operation, a.known, b.known)
    return known === null ? null : { known }
  }
  const on = union(reasons(a), reasons(b))
  if (operation === 0x30 && 'known' in b) return b.known === 0 ? null : { on, most: Math.floor(highest(a) / b.known) }
  if (operation === 0x70 && 'known' in b) return { on, most: highest(a) >>> b.known }
  return { on, most: mostOf(operation, highest(a), highest(b)) }
}

function exactly(operation: number, a: number, b: number): number | null {
  switch (operation) {
    case 0x00:
      return (a + b) >>> 0
    case 0x10:
      return (a - b) >>> 0
    case 0x20:
      return Math.imul(a, b) >>> 0
    case 0x30:
      return b === 0 ? null : Math.floor(a / b)
    case 0x40:
      return (a | b) >>> 0
    case 0x50:
      return (a & b) >>> 0
    case 0x60:
      return (a << b) >>> 0
    case 0x70:
      return a >>> b
    case 0x80:
      return -a >>> 0
    case 0x90:
      return b === 0 ? null : a % b
    default:
      return (a ^ b) >>> 0
  }
}

/** The highest result for numbers up to these. */
function mostOf(operation: number, a: number, b: number): number {
  switch (operation) {
    case 0x00:
      return Math.min(a + b, U32)
    case 0x20:
      return Math.min(a * b, U32)
    case 0x30:
    case 0x70:
      return a
    case 0x40:
    case 0xa0: {
      // No bit is set above the highest of both.
      const bits = Math.max(a, b)
      return bits === 0 ? 0 : 2 ** (Math.floor(Math.log2(bits)) + 1) - 1
    }
    case 0x50:
      return Math.min(a, b)
    case 0x90:
      return Math.min(a, Math.max(0, b - 1))
    default:
      return U32
  }
}

function jumps(condition: number, a: number, b: number): boolean {
  switch (condition) {
    case 0x10:
      return a === b
    case 0x20:
      return a > b
    case 0x30:
      return a >= b
    default:
      return (a & b) !== 0
  }
}

const NOTHING: ReadonlySet<string> = new Set()

function reasons(value: Value): ReadonlySet<string> {
  return 'known' in value ? NOTHING : value.on
}

function highest(value: Value): number {
  return 'known' in value ? value.known : value.most
}

function union(...sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return new Set(sets.flatMap((set) => [...set]))
}

/** In order, without overlaps. */
function mergeRanges(ranges: readonly Range[]): Range[] {
  const merged: Range[] = []
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last === undefined || range.from > last.to + 1) merged.push(range)
    else merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, range.to) }
  }
  return merged
}
