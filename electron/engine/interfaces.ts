/**
 * Names and addresses of network interfaces, one rtnetlink socket a network namespace (the `netlink` package), kept
 * current by the kernel's own link and address events. Loaded when the first name is wanted: most sockets are bound to
 * no interface, and a terminal command should not wait for what it does not show.
 */
import type { RtNetlinkSocket } from 'netlink'
import type { Reader } from '../../native/index.ts'
import { addressText } from './addresses.ts'

export type Interface = { index: number; name: string; addresses: string[] }

type Watched = {
  asks: RtNetlinkSocket
  events: RtNetlinkSocket
  links: Map<number, string>
  addresses: Map<number, string[]>
  stale: boolean
  /** One dump at a time: the kernel answers the second on the same socket with EBUSY or in the midst of the first. */
  turn: Promise<unknown>
}

const AF_INET6 = 10
/** Messages of up to the kernel's own dump size; 0 leaves the socket's buffers as the system has them. */
const BUFFERS = { msgBufferSize: 32_768, recvBufferSize: 0, sendBufferSize: 0 } as const

export class Interfaces {
  readonly #reader: Reader
  readonly #changed: () => void
  readonly #byNamespace = new Map<number, Watched>()
  readonly #refused = new Set<number>()

  /** `changed` is called when an interface came, went, or was renamed. */
  constructor(reader: Reader, changed: () => void) {
    this.#reader = reader
    this.#changed = changed
  }

  /** Knows the interfaces of an open namespace from now on. Where rtnetlink is refused they stay numbers. */
  async watch(netns: number): Promise<void> {
    if (this.#byNamespace.has(netns) || this.#refused.has(netns)) return
    const { createRtNetlink } = await import('netlink')
    let asks: RtNetlinkSocket
    let events: RtNetlinkSocket
    try {
      // A socket belongs to the namespace in which it is made, wherever it is read later (namespaces(7)). Events have
      // one of their own: in the middle of a dump's answer they would end it.
      asks = this.#reader.within(netns, () => createRtNetlink({ ref: false, ...BUFFERS }))
      events = this.#reader.within(netns, () => createRtNetlink({ ref: false, ...BUFFERS }))
    } catch {
      this.#refused.add(netns)
      return
    }
    const watched: Watched = {
      asks,
      events,
      links: new Map(),
      addresses: new Map(),
      stale: false,
      turn: Promise.resolve(),
    }
    this.#byNamespace.set(netns, watched)
    events.on('message', () => this.#reload(netns, watched))
    for (const { socket } of [asks, events]) socket.on('error', () => this.forget(netns))
    for (const group of ['LINK', 'IPV4_IFADDR', 'IPV6_IFADDR'] as const) events.addMembership(group)
    await this.#load(watched).catch(() => this.forget(netns))
  }

  forget(netns: number): void {
    const watched = this.#byNamespace.get(netns)
    watched?.asks.socket.close()
    watched?.events.socket.close()
    this.#byNamespace.delete(netns)
    this.#refused.delete(netns)
  }

  name(netns: number, index: number): string | null {
    return this.#byNamespace.get(netns)?.links.get(index) ?? null
  }

  list(netns: number): Interface[] {
    const watched = this.#byNamespace.get(netns)
    if (!watched) return []
    return [...watched.links].map(([index, name]) => ({ index, name, addresses: watched.addresses.get(index) ?? [] }))
  }

  close(): void {
    for (const netns of [...this.#byNamespace.keys()]) this.forget(netns)
  }

  /** Many events in a burst lead to one more reading, not to one each. */
  #reload(netns: number, watched: Watched): void {
    if (watched.stale) return
    watched.stale = true
    queueMicrotask(() => {
      watched.stale = false
      this.#load(watched).then(
        (changed) => changed && this.#changed(),
        () => this.forget(netns),
      )
    })
  }

  #load(watched: Watched): Promise<boolean> {
    const loaded = watched.turn.then(() => this.#read(watched))
    watched.turn = loaded.catch(() => undefined)
    return loaded
  }

  async #read(watched: Watched): Promise<boolean> {
    const links = await watched.asks.getLinks()
    const addresses = await watched.asks.getAddresses()
    const before = JSON.stringify([...watched.links])
    watched.links.clear()
    watched.addresses.clear()
    for (const { data, attrs } of links) {
      if (data.index !== undefined && attrs.ifname !== undefined) watched.links.set(data.index, attrs.ifname)
    }
    for (const { data, attrs } of addresses) {
      const bytes = attrs.local ?? attrs.address
      if (data.index === undefined || bytes === undefined) continue
      const text = addressText(bytes, data.family === AF_INET6 ? 'ipv6' : 'ipv4')
      watched.addresses.set(data.index, [...(watched.addresses.get(data.index) ?? []), text])
    }
    return JSON.stringify([...watched.links]) !== before
  }
}
