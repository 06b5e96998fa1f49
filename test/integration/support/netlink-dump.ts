/**
 * Prints every TCP listener, bound TCP socket and UDP socket of its network namespace, and the interfaces, as JSON:
 * read with the `netlink` package, sockets by a handwritten request (inet_diag_req_v2 and inet_diag_msg,
 * linux/inet_diag.h). Shares nothing with the native addon.
 */
import { createNetlink, createRtNetlink, Protocol } from 'netlink'

const SOCK_DIAG_BY_FAMILY = 20
const NLM_F_DUMP = 0x300
const AF_INET = 2
const AF_INET6 = 10
const IPPROTO_TCP = 6
const IPPROTO_UDP = 17
/** Kernel states (net/tcp_states.h), bits of `idiag_states`. 13 requests TCP sockets that are only bound (reply: 7). */
const TCP_STATES = (1 << 10) | (1 << 13)
const UDP_STATES = (1 << 7) | (1 << 1)
const INET_DIAG_SKMEMINFO = 7
const INET_DIAG_SKV6ONLY = 11

export type DumpedSocket = {
  protocol: 'tcp' | 'udp'
  family: 'ipv4' | 'ipv6'
  state: number
  /** Network order, hexadecimal. */
  source: string
  port: number
  remotePort: number
  interface: number
  cookie: string
  receiveQueue: number
  sendQueue: number
  uid: number
  inode: number
  rcvbuf: number | null
  drops: number | null
  v6only: boolean | null
}

/** Addresses in hexadecimal, network order. */
export type DumpedInterface = { index: number; name: string; addresses: string[] }
export type Dump = { sockets: DumpedSocket[]; interfaces: DumpedInterface[] }

const netlink = createNetlink(Protocol.SOCK_DIAG)

async function dump(family: number, protocol: number): Promise<DumpedSocket[]> {
  const request = Buffer.alloc(56)
  request.writeUInt8(family, 0)
  request.writeUInt8(protocol, 1)
  request.writeUInt8((1 << (INET_DIAG_SKMEMINFO - 1)) & 0xff, 2)
  request.writeUInt32LE(protocol === IPPROTO_TCP ? TCP_STATES : UDP_STATES, 4)
  // INET_DIAG_NOCOOKIE
  request.fill(0xff, 48, 56)
  const [messages] = await netlink.request(SOCK_DIAG_BY_FAMILY, request, { flags: NLM_F_DUMP })
  return messages
    .filter((message) => message.type === SOCK_DIAG_BY_FAMILY)
    .map((message) => parse(message.data, protocol === IPPROTO_TCP ? 'tcp' : 'udp'))
}

function parse(data: Buffer, protocol: 'tcp' | 'udp'): DumpedSocket {
  const ipv6 = data.readUInt8(0) === AF_INET6
  const attributes = new Map<number, Buffer>()
  for (let at = 72; at + 4 <= data.length; ) {
    const length = data.readUInt16LE(at)
    if (length < 4) break
    attributes.set(data.readUInt16LE(at + 2), data.subarray(at + 4, at + length))
    at += (length + 3) & ~3
  }
  const memory = attributes.get(INET_DIAG_SKMEMINFO)
  const only = attributes.get(INET_DIAG_SKV6ONLY)
  return {
    protocol,
    family: ipv6 ? 'ipv6' : 'ipv4',
    state: data.readUInt8(1),
    port: data.readUInt16BE(4),
    remotePort: data.readUInt16BE(6),
    source: data.subarray(8, ipv6 ? 24 : 12).toString('hex'),
    interface: data.readUInt32LE(40),
    cookie: data.readBigUInt64LE(44).toString(),
    receiveQueue: data.readUInt32LE(56),
    sendQueue: data.readUInt32LE(60),
    uid: data.readUInt32LE(64),
    inode: data.readUInt32LE(68),
    rcvbuf: memory?.readUInt32LE(4) ?? null,
    drops: memory?.readUInt32LE(32) ?? null,
    v6only: only ? only.readUInt8(0) === 1 : null,
  }
}

async function dumpInterfaces(): Promise<DumpedInterface[]> {
  const route = createRtNetlink()
  const links = await route.getLinks()
  const addresses = await route.getAddresses()
  route.socket.close()
  return links.map(({ data, attrs }) => ({
    index: data.index ?? 0,
    name: attrs.ifname ?? '',
    addresses: addresses
      .filter((address) => address.data.index === data.index)
      .map((address) => Buffer.from(address.attrs.local ?? address.attrs.address ?? []).toString('hex')),
  }))
}

const sockets: DumpedSocket[] = []
for (const family of [AF_INET, AF_INET6])
  for (const protocol of [IPPROTO_TCP, IPPROTO_UDP]) sockets.push(...(await dump(family, protocol)))
netlink.close()
process.stdout.write(JSON.stringify({ sockets, interfaces: await dumpInterfaces() } satisfies Dump))
