/** Which member gets a client, and what decides before the socket lookup: compared with real packets. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest'
import type { EarlierStep, PacketPath, Probe } from '../../electron/contract/analysis.ts'
import { type PortBind, PortUse } from '../../electron/contract/port.ts'
import { firstLine } from '../support/first-line.ts'
import { python } from '../support/python.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { type ChildEngine, startChildEngine, startTestEngine, type TestEngine } from './support/engine.ts'
import { addInterface, makeNamespace, type TestNamespace } from './support/namespace.ts'
import { type SocketMaker, startSocketMaker } from './support/socket-maker.ts'

const run = promisify(execFile)
let engine: TestEngine
let namespace: TestNamespace
let maker: SocketMaker
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine.close())

/** One namespace per test: rules and routes stay in it. */
beforeEach(async (context) => {
  needsRoot(context)
  namespace = await makeNamespace()
  await addInterface(namespace, 'side', '10.1.2.3/24')
  maker = await startSocketMaker({ netns: namespace.name })
  return async () => {
    await maker.end()
    await namespace[Symbol.asyncDispose]()
  }
})

type Ends = { local: [string, number]; remote: [string, number]; protocol?: 'tcp' | 'udp'; interface?: string }

function flow({ local, remote, protocol = 'udp', ...rest }: Ends) {
  return {
    netns: namespace.name,
    protocol,
    local: { address: local[0], port: local[1] },
    remote: { address: remote[0], port: remote[1] },
    ...rest,
  }
}
const path = (ends: Ends): Promise<PacketPath> => engine.client.steering.path(flow(ends))
const probe = (ends: Ends): Promise<Probe> => engine.client.steering.probe(flow(ends))
const stepOf = (before: readonly EarlierStep[], what: EarlierStep['kind']) => before.find((step) => step.kind === what)

/** Looks up clients from these sources, sends them, and returns the cookies of both. */
async function foretold(protocol: 'tcp' | 'udp', to: [string, number], sources: string[], count = 8) {
  const clients = await maker.clients({ protocol, count, sources })
  const paths: PacketPath[] = []
  for (const remote of clients) paths.push(await path({ protocol, local: to, remote }))
  return { paths, received: await maker.deliver({ address: to[0], port: to[1] }) }
}

describe('the interface follows the route', () => {
  it('a stub resolver on lo takes its own address, the server next to it the others', async () => {
    const [stub] = await maker.open({
      protocol: 'udp',
      address: '127.0.0.53',
      port: 53,
      interface: 'lo',
      options: ['reuseaddr'],
    })
    const [server] = await maker.open({ protocol: 'udp', address: '0.0.0.0', port: 53, options: ['reuseaddr'] })
    for (const [address, owner] of [
      ['127.0.0.53', stub],
      ['127.0.0.54', server],
      ['10.1.2.3', server],
    ] as const) {
      const { paths, received } = await foretold('udp', [address, 53], ['127.0.0.1'], 3)
      expect(received).toEqual([owner?.cookie, owner?.cookie, owner?.cookie])
      for (const each of paths) {
        expect(each).toMatchObject({
          interface: 'lo',
          arrival: { reach: 'local', interfaceGiven: false },
          agrees: true,
        })
        expect(each.lookup.member?.cookie).toBe(owner?.cookie)
      }
    }
  })

  it('packets of a neighbor arrive on the interface of the route to it', async () => {
    const [onSide] = await maker.open({ protocol: 'udp', address: '0.0.0.0', port: 5400, interface: 'side' })
    const answer = await probe({ local: ['10.1.2.3', 5400], remote: ['10.1.2.9', 4000] })
    expect(answer).toMatchObject({ interface: 'side', arrival: { reach: 'local', interfaceGiven: false } })
    expect(answer.arrival.reason).toBe(
      'The route back to 10.1.2.9 goes out on side: the packet is assumed to arrive there.',
    )
    expect(answer.member?.cookie).toBe(onSide?.cookie)
    const here = await probe({ local: ['10.1.2.3', 5400], remote: ['10.1.2.3', 4000] })
    expect(here).toMatchObject({ interface: 'lo', steeredBy: 'none' })
  })

  it('over IPv6 too', async () => {
    const [onLo] = await maker.open({ protocol: 'udp', family: 6, address: '::1', port: 5400, interface: 'lo' })
    const answer = await probe({ local: ['::1', 5400], remote: ['::1', 4000] })
    expect(answer).toMatchObject({ interface: 'lo', member: { cookie: onLo?.cookie } })
    expect(await probe({ local: ['::1', 5400], remote: ['2001:db8::9', 4000] })).toMatchObject({
      steeredBy: 'unreachable',
    })
  })

  it('a loopback address gets nothing from elsewhere', async () => {
    await maker.open({ protocol: 'udp', address: '127.0.0.1', port: 5400 })
    const answer = await path({ local: ['127.0.0.1', 5400], remote: ['10.1.2.9', 4000] })
    expect(answer).toMatchObject({ winner: null, agrees: null, lookup: { steeredBy: 'unreachable', member: null } })
    expect(answer.candidates).toMatchObject([{ outcome: 'not-reached' }])
  })

  it('a broadcast address is refused: no socket is picked', async () => {
    await maker.open({ protocol: 'udp', address: '0.0.0.0', port: 5400 })
    await expect(probe({ local: ['10.1.2.255', 5400], remote: ['10.1.2.9', 4000] })).rejects.toMatchObject({
      code: 'UNPROCESSABLE_CONTENT',
    })
  })
})

describe('an address that no interface has', () => {
  it.each(['tcp', 'udp'] as const)('%s: no packet arrives until the address is added', async (protocol) => {
    const made = await maker.open({
      protocol,
      address: '192.0.2.53',
      port: 5300,
      freebind: true,
      options: ['reuseport'],
      count: 2,
    })
    const remote: [string, number] = ['198.51.100.7', 40_000]
    const nobody = await path({ protocol, local: ['192.0.2.53', 5300], remote })
    expect(nobody).toMatchObject({
      winner: null,
      arrival: { reach: 'unreachable' },
      lookup: { steeredBy: 'unreachable' },
    })
    expect(nobody.steps.join(' ')).toContain('No interface of this network namespace has 192.0.2.53')
    const map = await engine.client.steering.map(flow({ protocol, local: ['192.0.2.53', 5300], remote }))
    expect(map).toMatchObject({ shares: [], unserved: 4096 })

    await namespace.ip('addr', 'add', '192.0.2.53/32', 'dev', 'side')
    const { paths, received } = await foretold(protocol, ['192.0.2.53', 5300], ['10.1.2.3'])
    expect(paths.map(({ lookup }) => lookup.member?.cookie)).toEqual(received)
    expect(new Set(made.map(({ cookie }) => cookie)).has(received[0] ?? '')).toBe(true)
  })

  it('is reachable if a local route covers it', async () => {
    await namespace.ip('route', 'add', 'local', '192.0.2.0/24', 'dev', 'lo')
    await maker.open({ protocol: 'udp', address: '192.0.2.53', port: 5300, options: ['reuseport'], count: 2 })
    const { paths, received } = await foretold('udp', ['192.0.2.53', 5300], ['127.0.0.1'])
    expect(received).not.toContain(null)
    expect(paths.map(({ lookup }) => lookup.member?.cookie)).toEqual(received)
  })
})

describe('sockets of one endpoint that share it in two ways', () => {
  it('all are in the answer: two by hash, the third gets nothing', async () => {
    const both = { protocol: 'udp', address: '0.0.0.0', port: 5353, options: ['reuseaddr', 'reuseport'] } as const
    const spec = (options: ('reuseaddr' | 'reuseport')[]) => ({ ...both, options })
    const [avahi] = await maker.open(spec(['reuseaddr', 'reuseport']))
    const [browser] = await maker.open(spec(['reuseaddr']))
    const [app] = await maker.open(spec(['reuseaddr', 'reuseport']))
    const { paths, received } = await foretold('udp', ['127.0.0.1', 5353], ['127.0.0.1'], 20)
    expect(new Set(received)).toEqual(new Set([avahi?.cookie, app?.cookie]))
    for (const [at, { lookup }] of paths.entries()) {
      expect(lookup.member?.cookie).toBe(received[at])
      expect(lookup.otherSockets.map(({ cookie }) => cookie)).toEqual([browser?.cookie])
      expect(lookup.reason).toContain('gets none')
    }
    const question = { netns: namespace.name, protocol: 'udp', local: { address: '127.0.0.1', port: 5353 } } as const
    const map = await engine.client.steering.map(question)
    expect(map.shares.map(({ cookie }) => cookie).sort()).toEqual(
      [avahi, browser, app].map((each) => each?.cookie).sort(),
    )
    expect(map.shares.find(({ cookie }) => cookie === browser?.cookie)?.clients).toBe(0)
    expect(map.spread).toMatchObject({ members: 2, degreesOfFreedom: 1 })
  })

  it('if the unshared one is the newest it takes everything, and is not called the only one', async () => {
    const spec = (options: ('reuseaddr' | 'reuseport')[]) =>
      ({ protocol: 'udp', address: '0.0.0.0', port: 5353, options }) as const
    await maker.open(spec(['reuseaddr', 'reuseport']))
    await maker.open(spec(['reuseaddr', 'reuseport']))
    const [browser] = await maker.open(spec(['reuseaddr']))
    const { paths, received } = await foretold('udp', ['127.0.0.1', 5353], ['127.0.0.1'])
    expect(new Set(received)).toEqual(new Set([browser?.cookie]))
    for (const { lookup } of paths) expect(lookup).toMatchObject({ steeredBy: 'newest', otherSockets: [{}, {}] })
  })
})

async function nft(rules: string, context: TestContext) {
  const child = run('ip', ['netns', 'exec', namespace.name, 'nft', '-f', '-'])
  child.child.stdin?.end(rules)
  await child.catch((error: { code: unknown; stderr: string }) => {
    // nft exits with 1; `ip` exits with 255 if there is no nft.
    if (error.code === 1 && !/not supported|No such file/.test(error.stderr)) throw error
    context.skip(`needs Debian package nftables, and a kernel with it: ${error.stderr}`)
  })
}

describe('rules that rewrite the destination', () => {
  const local: [string, number] = ['127.0.0.1', 8080]
  async function servers() {
    const mine = await maker.open({ protocol: 'tcp', address: local[0], port: 8080, options: ['reuseport'], count: 2 })
    const [pod] = await maker.open({ protocol: 'tcp', address: local[0], port: 18_080 })
    return { mine: mine.map(({ cookie }) => cookie), pod: pod?.cookie }
  }
  const table = (chain: string) =>
    `table ip hostport {\n chain output {\n type nat hook output priority -100\n ${chain}\n }\n }\n`

  it('that certainly match: the rule is named, and no member', async (context) => {
    const { pod } = await servers()
    await nft(table('ip daddr 127.0.0.0/8 tcp dport 8080 redirect to :18080'), context)
    const { paths, received } = await foretold('tcp', local, ['127.0.0.1'], 3)
    expect(received).toEqual([null, null, null].map(() => pod))
    for (const each of paths) {
      expect(each).toMatchObject({ winner: null, agrees: null, lookup: { steeredBy: 'redirected', member: null } })
      expect(each.lookup.reason).toContain('nftables (table ip hostport, chain output) redirects it to port 18080')
    }
    const map = await engine.client.steering.map(flow({ protocol: 'tcp', local, remote: local }))
    expect(map.summary).toContain('redirects it to port 18080')
    // `port` says so for the addresses of which that is true.
    const { inFront } = await engine.client.machine.port({ port: 8080, netns: namespace.name })
    expect(inFront.filter(({ kind }) => kind === 'nftables')).toEqual([
      expect.objectContaining({ state: 'redirects', protocol: 'tcp', family: 'ipv4', addresses: ['127.0.0.1'] }),
    ])
    expect(inFront.map(({ state }) => state)).not.toContain('none')
  })

  it('that do not match: the member is right, without a warning', async (context) => {
    const { mine } = await servers()
    await nft(
      table(`
        tcp dport 8081 redirect to :18080
        udp dport 8080 redirect to :18080
        ip daddr 127.0.0.2 tcp dport 8080 redirect to :18080
        ip saddr != 127.0.0.0/8 tcp dport 8080 redirect to :18080
        tcp dport 9000-9010 redirect to :18080
        tcp dport 8080 accept
        tcp dport 8080 redirect to :18080`),
      context,
    )
    const { paths, received } = await foretold('tcp', local, ['127.0.0.1'], 3)
    for (const [at, { lookup }] of paths.entries()) {
      expect(mine).toContain(received[at])
      expect(lookup.member?.cookie).toBe(received[at])
      expect(stepOf(lookup.beforeLookup, 'nftables')).toMatchObject({ state: 'none' })
      expect(lookup.warnings.join(' ')).not.toContain('nftables')
    }
  })

  it('by TPROXY, without a change to the packet: the proxy gets it, and the rule is named', async (context) => {
    const { mine } = await servers()
    const [proxy] = await maker.open({ protocol: 'tcp', address: local[0], port: 18_081, transparent: true })
    await nft(
      `table ip proxy {
         chain arrives { type filter hook prerouting priority mangle; tcp dport 8080 tproxy to 127.0.0.1:18081; }
       }`,
      context,
    )
    const { paths, received } = await foretold('tcp', local, ['127.0.0.1'], 3)
    expect(received).toEqual([proxy, proxy, proxy].map((each) => each?.cookie))
    expect(mine).not.toContain(proxy?.cookie)
    for (const { lookup } of paths) {
      expect(lookup).toMatchObject({ steeredBy: 'redirected', member: null })
      expect(lookup.reason).toContain('nftables (table ip proxy, chain arrives) hands it to the proxy at port 18081')
    }
  })

  it('in another chain, through a jump', async (context) => {
    const { pod } = await servers()
    await nft(
      `table ip hostport {
         chain ports { tcp dport 8080 dnat to 127.0.0.1:18080; }
         chain output { type nat hook output priority -100; fib daddr type local jump ports; }
       }`,
      context,
    )
    const { paths, received } = await foretold('tcp', local, ['127.0.0.1'], 2)
    expect(received).toEqual([pod, pod])
    // The expression that checks whether the address is local is not interpreted.
    for (const { lookup } of paths) {
      expect(lookup.member).not.toBeNull()
      expect(stepOf(lookup.beforeLookup, 'nftables')).toMatchObject({ state: 'possible' })
      expect(lookup.warnings.join(' ')).toContain('table ip hostport, chain ports')
    }
  })

  it('that use a set may match', async (context) => {
    await servers()
    await nft(table('tcp dport { 8080, 9090 } redirect to :18080'), context)
    const answer = await probe({ protocol: 'tcp', local, remote: ['127.0.0.1', 40_000] })
    expect(stepOf(answer.beforeLookup, 'nftables')).toMatchObject({ state: 'possible' })
  })

  it('for ingress traffic are not those for local traffic', async (context) => {
    await maker.open({ protocol: 'tcp', address: '10.1.2.3', port: 8080, options: ['reuseport'], count: 2 })
    await nft(
      `table inet nat {
         chain pre { type nat hook prerouting priority -100; iifname "side" tcp dport 8080 redirect to :1; }
       }`,
      context,
    )
    const to: [string, number] = ['10.1.2.3', 8080]
    expect(await probe({ protocol: 'tcp', local: to, remote: ['10.1.2.9', 4000] })).toMatchObject({
      steeredBy: 'redirected',
    })
    expect(await probe({ protocol: 'tcp', local: to, remote: ['10.1.2.3', 4000] })).toMatchObject({ steeredBy: 'hash' })
  })

  it('of iptables are found too', async (context) => {
    const { pod } = await servers()
    const rule = ['-t', 'nat', '-A', 'OUTPUT', '-p', 'tcp', '--dport', '8080', '-j', 'REDIRECT', '--to-ports', '18080']
    await run('ip', ['netns', 'exec', namespace.name, 'iptables', ...rule]).catch((error: { stderr: string }) =>
      context.skip(`needs Debian package iptables, and a kernel with it: ${error.stderr}`),
    )
    const { paths, received } = await foretold('tcp', local, ['127.0.0.1'], 2)
    expect(received).toEqual([pod, pod])
    for (const { lookup } of paths) {
      const states = [stepOf(lookup.beforeLookup, 'nftables')?.state, stepOf(lookup.beforeLookup, 'iptables')?.state]
      expect(states.includes('redirects') || states.includes('possible')).toBe(true)
    }
  })

  it('are reported as not checked without the permission', async (context) => {
    await using stranger = await startStranger()
    await servers()
    await nft(table('tcp dport 8080 redirect to :18080'), context)
    const answer = (await stranger.ask('steering.probe', {
      protocol: 'tcp',
      local: { address: '127.0.0.1', port: 8080 },
      remote: { address: '127.0.0.1', port: 40_000 },
    })) as Probe
    expect(answer.member).not.toBeNull()
    expect(stepOf(answer.beforeLookup, 'nftables')).toMatchObject({ state: 'not-allowed' })
    expect(answer.warnings.join(' ')).toMatch(/Not checked.*nftables rules \(needs CAP_NET_ADMIN\)/)
    expect(answer.interface).toBe('lo')
  })
})

/** Another user's engine in the test's namespace. */
function startStranger(): Promise<ChildEngine> {
  return startChildEngine({ uid: 65534, netns: namespace.path })
}

describe('BPF programs before the lookup', () => {
  async function attach(context: TestContext, ...args: string[]) {
    const program = fileURLToPath(new URL('./support/bpf-attach.py', import.meta.url))
    const child = spawn(python, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
    const ended = once(child, 'close')
    const first = await firstLine(child.stdout).catch(() => '')
    if (!first.startsWith('attached')) context.skip('BPF programs cannot be attached here')
    return {
      [Symbol.asyncDispose]: async () => {
        child.stdin.end()
        await ended
      },
    }
  }

  it('sk_lookup', async (context) => {
    await maker.open({ protocol: 'udp', address: '127.0.0.1', port: 5400 })
    const ends: Ends = { local: ['127.0.0.1', 5400], remote: ['127.0.0.1', 4000] }
    {
      await using _ = await attach(context, 'sk-lookup', namespace.name)
      expect(stepOf((await probe(ends)).beforeLookup, 'sk-lookup')).toMatchObject({ state: 'possible' })
    }
    expect(stepOf((await probe(ends)).beforeLookup, 'sk-lookup')).toMatchObject({ state: 'none' })
  })

  it('XDP, on the ingress interface', async (context) => {
    await maker.open({ protocol: 'udp', address: '0.0.0.0', port: 5400 })
    const from = (address: string): Ends => ({ local: ['10.1.2.3', 5400], remote: [address, 4000] })
    await using _ = await attach(context, 'xdp', namespace.name, 'side')
    expect(stepOf((await probe(from('10.1.2.9'))).beforeLookup, 'xdp')).toMatchObject({ state: 'possible' })
    expect(stepOf((await probe(from('10.1.2.3'))).beforeLookup, 'xdp')).toMatchObject({ state: 'none' })
  })
})

/** Whether this user's binds to 0.0.0.0 succeed: without options, with SO_REUSEADDR, with SO_REUSEPORT, with both. */
function everywhere(binds: readonly PortBind[]): (boolean | null)[] {
  const own = binds[0]?.uid
  return binds.filter(({ address, uid }) => address === '0.0.0.0' && uid === own).map(({ succeeds }) => succeeds)
}

describe('a port without a listener', () => {
  it('is used by a connection, its TIME_WAIT, or a bound socket', async () => {
    const far = await maker.open({ protocol: 'tcp', address: '127.0.0.1', port: 21_000 })
    const [client] = await maker.open({
      protocol: 'tcp',
      address: '127.0.0.1',
      port: 33_333,
      state: 'connected',
      remote: ['127.0.0.1', 21_000],
    })
    const ask = () => engine.client.machine.port({ port: 33_333, netns: namespace.name, protocol: 'tcp' })
    const use = await ask()
    expect(use.holders).toMatchObject([
      {
        cookie: client?.cookie,
        state: 'established',
        address: '127.0.0.1',
        remote: { address: '127.0.0.1', port: 21_000 },
        holders: [{ pid: maker.pid, command: 'socket-maker' }],
        group: null,
      },
    ])
    expect(everywhere(use.binds)).toEqual([false, false, false, false])
    expect(use.summary).toContain(`established, socket-maker (pid ${maker.pid}), 127.0.0.1:33333 to 127.0.0.1:21000.`)
    for (const options of [[], ['reuseaddr'], ['reuseport']] as const) {
      const bind = maker.open({ protocol: 'tcp', address: '0.0.0.0', port: 33_333, options: [...options] })
      await expect(bind).rejects.toThrow(/Address already in use/)
    }

    // The side that closes first stays in TIME_WAIT.
    const [listener] = far
    if (client === undefined || listener === undefined) throw new Error('no socket was made')
    await maker.close(client)
    await maker.accept(listener, 1)
    await eventually('both sides have closed', async () =>
      (await ask()).holders.every(({ state }) => state === 'time-wait'),
    )
    expect((await ask()).holders).toMatchObject([{ state: 'time-wait', holders: null, user: null }])
    expect(everywhere((await ask()).binds)).toEqual([false, null, null, null])
    const free = await engine.client.machine.port({ port: 33_334, netns: namespace.name, protocol: 'tcp' })
    expect(free).toMatchObject({ holders: [], summary: 'Nothing uses port 33334.' })
    expect(free.binds.every(({ succeeds }) => succeeds === true)).toBe(true)
  })

  it('a port below ip_unprivileged_port_start needs a privilege', async () => {
    await using stranger = await startStranger()
    await using theirs = await startSocketMaker({ netns: namespace.name, uid: 65534 })
    const ask = async (port: number) => PortUse.parse(await stranger.ask('machine.port', { port, protocol: 'udp' }))
    await expect(theirs.open({ protocol: 'udp', address: '0.0.0.0', port: 700 })).rejects.toThrow(/Permission denied/)
    const refused = (await ask(700)).binds.filter(({ uid }) => uid !== 0)
    for (const bind of refused) expect(bind).toMatchObject({ succeeds: false, error: 'EACCES' })
    await theirs.open({ protocol: 'udp', address: '0.0.0.0', port: 1024, state: 'bound' })
    await theirs.end()
    expect(everywhere((await ask(1024)).binds)).toEqual([true, true, true, true])
    const ours = await engine.client.machine.port({ port: 700, protocol: 'udp', netns: namespace.name })
    expect(everywhere(ours.binds)).toEqual([true, true, true, true])
    const strangers = ours.binds.filter(({ uid }) => uid === null)
    expect(new Set(strangers.map(({ error }) => error))).toEqual(new Set(['EACCES']))
  })
})
