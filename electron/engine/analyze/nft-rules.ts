/**
 * Finds the nftables rules (and those of iptables-nft) that rewrite a packet's destination before the socket lookup.
 * Pure: nfnetlink answers in, rewrites out. A rule with a condition that is not interpreted here (sets, marks, iptables
 * extensions) counts as one that may match. Numbers are from linux/netfilter/nf_tables.h.
 */
import type { Family, Protocol } from '../../contract/model.ts'
import {
  attributesByType,
  netlinkAttributes,
  netlinkMessages,
  netlinkText,
  netU32,
} from '../collect/netlink-message.ts'

export type NftPacket = {
  readonly protocol: Protocol
  readonly family: Family
  /** 16 bytes each; null for any. */
  readonly local: Uint8Array | null
  readonly remote: Uint8Array | null
  readonly localPort: number
  readonly remotePort: number | null
  /** Sent by this namespace to itself: rules of `output` apply, not those of `prerouting`. */
  readonly fromHere: boolean
  /** Name of the ingress interface; null if unknown. */
  readonly interface: string | null
}

/** `certain`: every packet like this one is rewritten. Otherwise the rule has conditions that are not interpreted. */
export type Rewrite = { readonly certain: boolean; readonly where: string; readonly action: string }

const NEWCHAIN = 0x0a03
const NEWRULE = 0x0a06
const NFGENMSG = 4
const PREROUTING = 0
const OUTPUT = 3
/** NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6. */
const FAMILIES: Readonly<Record<number, { name: string; of: readonly Family[] }>> = {
  1: { name: 'inet', of: ['ipv4', 'ipv6'] },
  2: { name: 'ip', of: ['ipv4'] },
  10: { name: 'ip6', of: ['ipv6'] },
}
const PROTOCOL_NUMBERS = { tcp: 6, udp: 17 } as const
/** Maximum rules to walk, jumps included. */
const MAX_RULES = 20_000
/** The kernel's own limit for jumps (NFT_JUMP_STACK_SIZE). */
const MAX_DEPTH = 16

type Chain = {
  name: string
  table: string
  family: number
  hook: number | null
  priority: number
  type: string
  rules: Expression[][]
}
type Expression = { name: string; data: ReadonlyMap<number, Uint8Array> }

/**
 * The rewrites of a packet: the certain one that decides, or all possible ones. `chains` and `rules` are the answers to
 * the two dumps.
 */
export function rewritesOf(packet: NftPacket, chains: Uint8Array, rules: Uint8Array): Rewrite[] {
  const all = readChains(chains, rules)
  const walk = new RuleWalk(packet, all)
  // TPROXY acts on ingress, also for local packets; NAT of local packets is decided when they are sent.
  const stages = [
    { hook: PREROUTING, proxies: true },
    { hook: packet.fromHere ? OUTPUT : PREROUTING, proxies: false },
  ]
  for (const { hook, proxies } of stages) {
    const base = [...all.values()]
      .filter((chain) => chain.hook === hook && (chain.type === 'nat') !== proxies && appliesTo(chain, packet))
      .sort((a, b) => a.priority - b.priority)
    for (const chain of base) {
      if (walk.chain(chain, walk.rewrites.length === 0, 0) === 'redirected') return [walk.rewrites.at(-1) ?? TOO_MANY]
    }
  }
  return walk.rewrites
}

const TOO_MANY: Rewrite = { certain: false, where: 'nftables', action: 'has more rules than were checked' }

function appliesTo(chain: Chain, { family }: NftPacket): boolean {
  return FAMILIES[chain.family]?.of.includes(family) ?? false
}

function readChains(chains: Uint8Array, rules: Uint8Array): Map<string, Chain> {
  const all = new Map<string, Chain>()
  for (const { type, body } of netlinkMessages(chains)) {
    if (type !== NEWCHAIN || body.length < NFGENMSG) continue
    const family = body[0] ?? 0
    const of = attributesByType(body.subarray(NFGENMSG))
    const [table, name] = [netlinkText(of.get(1)), netlinkText(of.get(3))]
    const hook = of.get(4)
    const at = hook === undefined ? null : attributesByType(hook)
    all.set(keyOf(family, table, name), {
      name,
      table,
      family,
      hook: at === null ? null : netU32(at.get(1)),
      priority: (netU32(at?.get(2)) ?? 0) | 0,
      type: netlinkText(of.get(7)),
      rules: [],
    })
  }
  for (const { type, body } of netlinkMessages(rules)) {
    if (type !== NEWRULE || body.length < NFGENMSG) continue
    const of = attributesByType(body.subarray(NFGENMSG))
    const chain = all.get(keyOf(body[0] ?? 0, netlinkText(of.get(1)), netlinkText(of.get(2))))
    chain?.rules.push(expressionsOf(of.get(4)))
  }
  return all
}

function keyOf(family: number, table: string, chain: string): string {
  return `${family} ${table} ${chain}`
}

function expressionsOf(list: Uint8Array | undefined): Expression[] {
  if (list === undefined) return []
  return [...netlinkAttributes(list)].map(({ payload }) => {
    const of = attributesByType(payload)
    return { name: netlinkText(of.get(1)), data: attributesByType(of.get(2) ?? new Uint8Array()) }
  })
}

type Verdict =
  | { kind: 'none' }
  | { kind: 'accept' | 'return' }
  | { kind: 'jump' | 'goto'; chain: string }
  | { kind: 'rewrite'; does: string }

type ChainResult = 'redirected' | 'ended' | 'went on' | 'uncertain'

class RuleWalk {
  readonly rewrites: Rewrite[] = []
  readonly #packet: NftPacket
  readonly #chains: ReadonlyMap<string, Chain>
  #walked = 0

  constructor(packet: NftPacket, chains: ReadonlyMap<string, Chain>) {
    this.#packet = packet
    this.#chains = chains
  }

  /**
   * `certain`: the packet certainly reaches this chain. `ended`: no later rule of this base chain sees it. `uncertain`:
   * perhaps none does.
   */
  chain(chain: Chain, certain: boolean, depth: number): ChainResult {
    let sure = certain
    for (const rule of chain.rules) {
      if (++this.#walked > MAX_RULES) {
        this.rewrites.push(TOO_MANY)
        return 'ended'
      }
      const { matches, verdict } = evaluate(rule, this.#packet)
      if (matches === 'no' || verdict.kind === 'none') continue
      const here = sure && matches === 'yes'
      if (verdict.kind === 'rewrite') {
        const family = FAMILIES[chain.family]?.name ?? ''
        this.rewrites.push({
          certain: here,
          where: `table ${family} ${chain.table}, chain ${chain.name}`,
          action: verdict.does,
        })
        if (here) return 'redirected'
      } else if (verdict.kind === 'jump' || verdict.kind === 'goto') {
        const to = this.#chains.get(keyOf(chain.family, chain.table, verdict.chain))
        const end = to === undefined || depth >= MAX_DEPTH ? 'uncertain' : this.chain(to, here, depth + 1)
        if (end === 'redirected' || (end === 'ended' && matches === 'yes')) return end
        if (end === 'ended' || end === 'uncertain') sure = false
        if (verdict.kind === 'goto' && matches === 'yes') return sure === certain ? 'went on' : 'uncertain'
      } else if (matches === 'yes') {
        const end = verdict.kind === 'accept' ? 'ended' : 'went on'
        return sure === certain ? end : 'uncertain'
      }
      if (matches === 'unknown') sure = false
    }
    return sure === certain ? 'went on' : 'uncertain'
  }
}

type Matches = 'yes' | 'no' | 'unknown'
/** null: an unknown value. */
type Registers = Map<number, Uint8Array | null>

function evaluate(rule: readonly Expression[], packet: NftPacket): { matches: Matches; verdict: Verdict } {
  const registers: Registers = new Map()
  let matches: Matches = 'yes'
  for (const expression of rule) {
    const result = step(expression, registers, packet)
    if (typeof result !== 'string') return { matches, verdict: result }
    if (result === 'no') return { matches: 'no', verdict: { kind: 'none' } }
    if (result === 'unknown') matches = 'unknown'
  }
  return { matches, verdict: { kind: 'none' } }
}

/** Evaluates one expression: whether it matches, or the verdict. */
function step({ name, data }: Expression, registers: Registers, packet: NftPacket): Matches | Verdict {
  const number = (attribute: number) => netU32(data.get(attribute)) ?? -1
  switch (name) {
    case 'meta':
      registers.set(number(1), metaValue(number(2), packet))
      return 'yes'
    case 'payload':
      registers.set(number(1), headerBytes(packet, number(2), number(3), number(4)))
      return 'yes'
    case 'bitwise':
      registers.set(number(2), masked(registers.get(number(1)) ?? null, data))
      return 'yes'
    case 'cmp':
      return compare(registers.get(number(1)) ?? null, number(2), dataValue(data.get(3)))
    case 'range':
      return within(registers.get(number(1)) ?? null, number(2) === 1, dataValue(data.get(3)), dataValue(data.get(4)))
    case 'immediate':
      return immediate(number(1), data.get(2), registers)
    case 'counter':
    case 'log':
      return 'yes'
    case 'redir':
      return { kind: 'rewrite', does: `redirects it to ${portText(registers.get(number(1)), 'this machine')}` }
    case 'nat':
      return number(1) === 1 ? { kind: 'rewrite', does: `sends it to ${natTarget(data, registers)}` } : 'yes'
    case 'tproxy':
      return {
        kind: 'rewrite',
        does: `hands it to the proxy at ${portText(registers.get(number(3)), 'another socket')}`,
      }
    case 'target':
      return targetVerdict(netlinkText(data.get(1)))
    default:
      // Not interpreted: it may write any register, and may or may not match.
      for (const register of [...registers.keys()]) registers.set(register, null)
      return 'unknown'
  }
}

/** A target of iptables-nft. */
function targetVerdict(name: string): Matches | Verdict {
  if (['DNAT', 'REDIRECT', 'NETMAP', 'TPROXY', 'DNPT'].includes(name)) {
    return { kind: 'rewrite', does: `sends it elsewhere (iptables ${name})` }
  }
  return 'yes'
}

function immediate(register: number, data: Uint8Array | undefined, registers: Registers): Matches | Verdict {
  const value = attributesByType(data ?? new Uint8Array())
  if (register !== 0) {
    registers.set(register, value.get(1) ?? null)
    return 'yes'
  }
  const verdict = attributesByType(value.get(2) ?? new Uint8Array())
  const chain = netlinkText(verdict.get(2))
  switch ((netU32(verdict.get(1)) ?? 0) | 0) {
    case -1:
      return { kind: 'none' }
    case -3:
      return { kind: 'jump', chain }
    case -4:
      return { kind: 'goto', chain }
    case -5:
      return { kind: 'return' }
    default:
      // Accepted, dropped or queued: no later rule of this chain sees it.
      return { kind: 'accept' }
  }
}

/** Values of `meta` keys; null if unknown. */
function metaValue(key: number, packet: NftPacket): Uint8Array | null {
  const name = packet.fromHere ? 'lo' : packet.interface
  switch (key) {
    case 6: // iifname: a packet that is being sent has none
      return packet.fromHere || name === null ? null : interfaceName(name)
    case 7: // oifname
      return packet.fromHere && name !== null ? interfaceName(name) : null
    case 15:
      return Uint8Array.of(packet.family === 'ipv4' ? 2 : 10)
    case 16:
      return Uint8Array.of(PROTOCOL_NUMBERS[packet.protocol])
    default:
      return null
  }
}

function interfaceName(name: string): Uint8Array {
  const bytes = new Uint8Array(16)
  bytes.set(new TextEncoder().encode(name).subarray(0, 15))
  return bytes
}

/** Bytes of the network (1) or transport (2) header; null if any of them is unknown. */
function headerBytes(packet: NftPacket, base: number, offset: number, length: number): Uint8Array | null {
  const header = base === 1 ? networkHeader(packet) : base === 2 ? transportHeader(packet) : []
  const bytes = header.slice(offset, offset + length)
  if (offset < 0 || length <= 0 || bytes.length !== length || bytes.includes(-1)) return null
  return Uint8Array.from(bytes)
}

const address = (bytes: Uint8Array | null, size: number) =>
  bytes === null ? new Array<number>(size).fill(-1) : [...bytes.subarray(0, size)]

function networkHeader({ family, protocol, local, remote }: NftPacket): number[] {
  const unknown = (count: number) => new Array<number>(count).fill(-1)
  const number = PROTOCOL_NUMBERS[protocol]
  return family === 'ipv4'
    ? [...unknown(9), number, ...unknown(2), ...address(remote, 4), ...address(local, 4)]
    : [...unknown(6), number, ...unknown(1), ...address(remote, 16), ...address(local, 16)]
}

function transportHeader({ localPort, remotePort }: NftPacket): number[] {
  const port = (value: number | null) => (value === null ? [-1, -1] : [value >> 8, value & 0xff])
  return [...port(remotePort), ...port(localPort)]
}

function masked(value: Uint8Array | null, data: ReadonlyMap<number, Uint8Array>): Uint8Array | null {
  const [mask, xor] = [dataValue(data.get(4)), dataValue(data.get(5))]
  if (value === null || mask === null || xor === null || (netU32(data.get(6)) ?? 0) !== 0) return null
  return value.map((byte, at) => (byte & (mask[at] ?? 0)) ^ (xor[at] ?? 0))
}

function dataValue(data: Uint8Array | undefined): Uint8Array | null {
  return data === undefined ? null : (attributesByType(data).get(1) ?? null)
}

function compare(value: Uint8Array | null, operator: number, wanted: Uint8Array | null): Matches {
  if (value === null || wanted === null) return 'unknown'
  const order = Buffer.compare(value.subarray(0, wanted.length), wanted)
  const holds = [order === 0, order !== 0, order < 0, order <= 0, order > 0, order >= 0][operator]
  return holds === undefined ? 'unknown' : holds ? 'yes' : 'no'
}

function within(value: Uint8Array | null, not: boolean, from: Uint8Array | null, to: Uint8Array | null): Matches {
  if (value === null || from === null || to === null) return 'unknown'
  const inside = Buffer.compare(value, from) >= 0 && Buffer.compare(value, to) <= 0
  return inside !== not ? 'yes' : 'no'
}

function portText(register: Uint8Array | null | undefined, otherwise: string): string {
  return register && register.length >= 2 ? `port ${((register[0] ?? 0) << 8) | (register[1] ?? 0)}` : otherwise
}

function natTarget(data: ReadonlyMap<number, Uint8Array>, registers: Registers): string {
  const register = (attribute: number) => registers.get(netU32(data.get(attribute)) ?? -1) ?? null
  const [to, port] = [register(3), register(5)]
  const text = to !== null && to.length === 4 ? to.join('.') : 'another address'
  return port === null ? text : `${text}, ${portText(port, 'another port')}`
}
