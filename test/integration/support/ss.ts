/** The same sockets from `ss` of iproute2, an independent reader, parsed. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

export type SsSocket = {
  protocol: 'tcp' | 'udp'
  state: string
  receiveQueue: number
  sendQueue: number
  family: 'ipv4' | 'ipv6'
  address: string
  port: number
  interface: string | null
  remotePort: number | null
  inode: number
  uid: number
  cookie: string
  v6only: boolean | null
  rcvbuf: number
  drops: number
}

/**
 * Every TCP listener and UDP socket of a network namespace (its `ip netns` name, or a process in it; null for our own),
 * as `ss -H -n -e -m -O` prints them. `-O` prints each socket on one line.
 */
export async function readSs(netns: string | number | null): Promise<SsSocket[]> {
  const [program = '', ...before] = typeof netns === 'number' ? ['nsenter', '-t', String(netns), '-n', 'ss'] : ['ss']
  const where = typeof netns === 'string' ? ['-N', netns] : []
  const outputs = await Promise.all(
    (['-t', '-u'] as const).flatMap((protocol) =>
      (['-4', '-6'] as const).map(async (family) => {
        const scope = protocol === '-t' ? '-l' : '-a'
        const { stdout } = await run(
          program,
          [...before, '-H', '-n', '-e', '-m', '-O', scope, protocol, family, ...where],
          {
            maxBuffer: 1 << 28,
          },
        )
        return stdout
          .split('\n')
          .filter((line) => line.trim() !== '')
          .map((line) => parse(line, protocol === '-t' ? 'tcp' : 'udp', family === '-4' ? 'ipv4' : 'ipv6'))
      }),
    ),
  )
  return outputs.flat()
}

function parse(line: string, protocol: 'tcp' | 'udp', family: 'ipv4' | 'ipv6'): SsSocket {
  const [state = '', receiveQueue, sendQueue, local = '', remote = ''] = line.trim().split(/\s+/)
  const value = (pattern: RegExp) => pattern.exec(line)?.[1]
  const [place, port] = splitEndpoint(local)
  const [address = '', device] = place.split('%')
  const remotePort = splitEndpoint(remote)[1]
  const v6only = value(/ v6only:(\d)/)
  return {
    protocol,
    state,
    receiveQueue: Number(receiveQueue),
    sendQueue: Number(sendQueue),
    family,
    // ss writes a dual-stack wildcard as *, and brackets around IPv6.
    address: address === '*' ? (family === 'ipv6' ? '::' : '0.0.0.0') : address.replace(/^\[|\]$/g, ''),
    port: Number(port),
    interface: device?.replace(/\]$/, '') ?? null,
    remotePort: remotePort === '*' ? null : Number(remotePort),
    inode: Number(value(/ ino:(\d+)/)),
    // ss omits uid 0.
    uid: Number(value(/ uid:(\d+)/) ?? 0),
    cookie: BigInt(`0x${value(/ sk:([0-9a-f]+)/)}`).toString(),
    v6only: v6only === undefined ? null : v6only === '1',
    rcvbuf: Number(value(/,rb(\d+),/)),
    drops: Number(value(/,d(\d+)\)/)),
  }
}

function splitEndpoint(text: string): [string, string] {
  const colon = text.lastIndexOf(':')
  return [text.slice(0, colon), text.slice(colon + 1)]
}
