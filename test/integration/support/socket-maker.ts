/** Sockets on request: a small process (socket-maker.py) opens them and reports their cookies as ground truth. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { python } from '../../support/python.ts'

export type Option = 'reuseport' | 'reuseaddr'

/** One socket to open. Omitted fields have the system's default; `state` is `listen` for TCP and `bound` for UDP. */
export type SocketSpec = {
  protocol: 'tcp' | 'udp'
  family?: 4 | 6
  address?: string
  port?: number
  state?: 'listen' | 'bound' | 'connected'
  /** Set in this order, before bind(2). */
  options?: Option[]
  /** Cleared at the end, after listen(2). */
  clear?: Option[]
  /** TCP as Multipath TCP (RFC 8684). */
  mptcp?: boolean
  /** TCP_DEFER_ACCEPT: a connection waits for its data outside the accept queue. */
  deferAccept?: boolean
  /** Any address, even one that no interface has (IP_FREEBIND). */
  freebind?: boolean
  /** IP_TRANSPARENT, which TPROXY requires of a proxy. */
  transparent?: boolean
  /** Joins this IPv4 multicast address on loopback. */
  join?: string
  v6only?: boolean
  interface?: string
  backlog?: number
  rcvbuf?: number
  /** SO_INCOMING_CPU. */
  cpu?: number
  remote?: [string, number]
  /** Opened as this uid: the maker must be root. */
  user?: number
  /** A listener: with one connection, accepted as this uid. */
  acceptAs?: number
  count?: number
}

export type MadeSocket = {
  /** SO_COOKIE, decimal. */
  cookie: string
  inode: number
  fd: number
  pid: number
  port: number
  address: string
  /** SO_RCVBUF as stored by the kernel, in bytes. */
  rcvbuf: number
  /** The request. */
  spec: SocketSpec
  uid: number
  /** comm of the process. */
  command: string
}

export type SocketMaker = AsyncDisposable & {
  readonly pid: number
  open(...specs: SocketSpec[]): Promise<MadeSocket[]>
  /** Like `open`, but all on the port of the first one. */
  openTogether(...specs: SocketSpec[]): Promise<MadeSocket[]>
  close(...made: MadeSocket[]): Promise<void>
  /** For each attempt opens the sockets anew, binds one more, and closes all; gives the errno of each bind, 0 for none. */
  tryBinds(sockets: readonly SocketSpec[], attempts: readonly SocketSpec[]): Promise<number[]>
  /** Returns to the network namespace in which it started; its sockets stay in theirs. */
  leave(): Promise<void>
  /** Accepts and closes connections in this listener's queue; without `count`, all that wait. */
  accept(listener: MadeSocket, count?: number): Promise<void>
  /** Receives every datagram, or accepts and closes every connection, queued at this socket; returns their number. */
  receive(made: MadeSocket): Promise<number>
  /** TCP: connections for the accept queues, of which `connected` completed. UDP: datagrams. */
  fill(target: {
    protocol: 'tcp' | 'udp'
    address: string
    port: number
    count: number
    bytes?: number
    /** UDP: the number of clients that send in turn; default 1. */
    flows?: number
    /** How many are expected to find the queue full; those are abandoned. */
    stuck?: number
    /** Seconds to wait for the others; default 2. */
    patience?: number
  }): Promise<{ connected: number }>
  /** Binds clients to these source addresses in turn, without connecting. Returns the address and port of each. */
  clients(request: { protocol: 'tcp' | 'udp'; count: number; sources: string[] }): Promise<[string, number][]>
  /** Each client connects or sends one datagram, on this CPU if given. Gives the receivers' cookies; null for none. */
  deliver(target: { address: string; port: number; cpu?: number }): Promise<(string | null)[]>
  /** Sends each UDP socket one datagram from each of these CPUs, all at the same moment. */
  sendTogether(made: readonly MadeSocket[], cpus: readonly number[]): Promise<void>
  /** Attaches a BPF program to this socket's group that always picks the member at index `place`. */
  attach(member: MadeSocket, place: number): Promise<void>
  /** Attaches a classic BPF program. */
  attachClassic(member: MadeSocket, instructions: ClassicInstruction[]): Promise<void>
  /**
   * Attaches an extended BPF program, `pick_place`, which picks the first place of the map `places`
   * (REUSEPORT_SOCKARRAY). With values of 4 bytes no user space can read the map.
   */
  attachMap(member: MadeSocket, places: (MadeSocket | null)[], valueBytes?: 4 | 8): Promise<void>
  detach(member: MadeSocket): Promise<void>
  /** Keeps them open without a descriptor in any process: in flight over a UNIX socket (SCM_RIGHTS). */
  sendAway(...made: MadeSocket[]): Promise<void>
  /** shutdown(2): a listener stops listening, and stays open. */
  shutDown(...made: MadeSocket[]): Promise<void>
  /** UDP: connects one of the sockets. */
  connect(made: MadeSocket, remote: [string, number]): Promise<void>
  /** How many of the clients connected by `fill` have been reset since. */
  broken(): Promise<number>
  /** Closes the clients of `fill`. */
  drain(): Promise<void>
  /** Registers the sockets with one epoll set of this process. */
  epoll(...made: MadeSocket[]): Promise<void>
  /** Starts children that inherit every socket (or those in `keep`) and wait. */
  fork(request?: {
    count?: number
    keep?: MadeSocket[]
    epoll?: MadeSocket[]
    uid?: number
    command?: string
  }): Promise<number[]>
  kill(...pids: number[]): Promise<void>
  /** Starts a child that opens and closes sockets at a rate, until `stop`, which returns how many it opened. */
  churn(request: { socket: SocketSpec; rate: number; standing?: number }): Promise<{
    pid: number
    opened(): Promise<number>
    stop(): Promise<number>
  }>
  /** Changes the process's own name (comm). */
  rename(command: string): Promise<void>
  /** Ends the process and with it every socket. */
  end(): Promise<void>
}

/** code, jt, jf, k (struct sock_filter, linux/filter.h). */
export type ClassicInstruction = [number, number, number, number]

export type MakerOptions = {
  /** Name of the network namespace for the sockets. */
  netns?: string
  uid?: number
  /** With `uid`: not even that user's other processes may trace it, as with a server that dropped its privileges. */
  closed?: boolean
  command?: string
}

type Answer = { ok: boolean; error?: string; pid?: number } & Record<string, unknown>

const program = fileURLToPath(new URL('./socket-maker.py', import.meta.url))

/** Starts a maker. It dies with this process; disposing of it waits until it has ended and its sockets are closed. */
export async function startSocketMaker(options: MakerOptions = {}): Promise<SocketMaker> {
  // Without the machine's own packages (-S), which take as long to find as all else.
  const args = ['-S', program, '--parent', String(process.pid)]
  if (options.netns !== undefined) args.push('--netns', options.netns)
  if (options.uid !== undefined) args.push('--uid', String(options.uid))
  if (options.closed) args.push('--closed')
  args.push('--command', options.command ?? 'socket-maker')
  const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

  const answer = async (what: string): Promise<Answer> => {
    const line = await lines.next()
    if (line.done) throw new Error(`The socket maker ended during ${what}.`)
    const parsed = JSON.parse(line.value) as Answer
    if (!parsed.ok) throw new Error(`The socket maker could not ${what}: ${parsed.error}`)
    return parsed
  }
  // Replies come in the order of the requests, so each request waits for the previous one.
  let last: Promise<unknown> = Promise.resolve()
  const ask = (op: string, request: Record<string, unknown> = {}): Promise<Answer> => {
    const asked = last.then(() => {
      child.stdin.write(`${JSON.stringify({ op, ...request })}\n`)
      return answer(op)
    })
    last = asked.catch(() => undefined)
    return asked
  }
  const uid = options.uid ?? 0
  let command = options.command ?? 'socket-maker'
  const open = async (specs: SocketSpec[], samePort: boolean) => {
    const each = specs.flatMap((spec) => Array.from({ length: spec.count ?? 1 }, () => spec))
    const { sockets } = (await ask('open', { sockets: specs, samePort })) as unknown as { sockets: MadeSocket[] }
    return sockets.map((made, index) => ({ ...made, spec: each[index] ?? { protocol: 'tcp' }, uid, command }))
  }
  const fds = (made: readonly MadeSocket[]) => made.map((one) => one.fd)

  const ready = await answer('start')
  const maker: SocketMaker = {
    pid: ready.pid ?? 0,
    open: (...specs) => open(specs, false),
    openTogether: (...specs) => open(specs, true),
    tryBinds: async (sockets, attempts) => (await ask('try_binds', { sockets, attempts })).errors as number[],
    leave: async () => void (await ask('leave')),
    close: async (...made) => void (await ask('close', { fds: fds(made) })),
    accept: async (listener, count) => void (await ask('accept', { fd: listener.fd, count })),
    receive: async (made) => Number((await ask('receive', { fd: made.fd })).received),
    fill: async (target) => ({ connected: Number((await ask('fill', target)).connected ?? 0) }),
    clients: async (request) => (await ask('clients', request)).clients as [string, number][],
    deliver: async (target) => (await ask('deliver', target)).received as (string | null)[],
    sendTogether: async (made, cpus) => void (await ask('send_together', { fds: fds(made), cpus })),
    // BPF_RET | BPF_K
    attach: (member, place) => maker.attachClassic(member, [[6, 0, 0, place]]),
    attachClassic: async (member, instructions) => void (await ask('attach', { fd: member.fd, instructions })),
    attachMap: async (member, places, valueBytes = 8) =>
      void (await ask('attach_map', { fd: member.fd, places: places.map((place) => place?.fd ?? null), valueBytes })),
    detach: async (member) => void (await ask('detach', { fd: member.fd })),
    sendAway: async (...made) => void (await ask('send_away', { fds: fds(made) })),
    shutDown: async (...made) => void (await ask('shut_down', { fds: fds(made) })),
    connect: async (made, remote) => void (await ask('connect', { fd: made.fd, remote })),
    broken: async () => Number((await ask('broken')).broken),
    drain: async () => void (await ask('drain')),
    epoll: async (...made) => void (await ask('epoll', { fds: fds(made) })),
    fork: async ({ keep, epoll, ...request } = {}) => {
      const asked = { ...request, ...(keep && { keep: fds(keep) }), ...(epoll && { epoll: fds(epoll) }) }
      return (await ask('fork', asked)).pids as number[]
    },
    kill: async (...pids) => void (await ask('kill', { pids })),
    churn: async (request) => {
      const pid = Number((await ask('churn', request)).pid)
      const opened = async () => Number((await ask('churned', { pid })).opened)
      return {
        pid,
        opened,
        stop: async () => {
          const total = await opened()
          await ask('kill', { pids: [pid] })
          return total
        },
      }
    },
    rename: async (to) => {
      await ask('rename', { command: to })
      command = to
    },
    end: async () => {
      child.stdin.end()
      await gone
    },
    [Symbol.asyncDispose]: () => maker.end(),
  }
  return maker
}
