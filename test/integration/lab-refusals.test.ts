/** What a lab refuses before anything starts, as root and as the user nobody, with a sentence on what to change. */
import { execFile } from 'node:child_process'
import { type AddressInfo, createServer } from 'node:net'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { ListenRequest } from '../../electron/contract/lab.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { type ChildEngine, startChildEngine, startTestEngine } from './support/engine.ts'
import { labProcesses, listening, sending } from './support/labs.ts'
import { startSocketMaker } from './support/socket-maker.ts'

type Given = Partial<ListenRequest> & Pick<ListenRequest, 'protocol'>
type Problem = { operation: string; cause: string; hint: string; field: string }
type Refused = { code: string; data: Problem }

/** The engine's error for it; fails if the listeners open. */
async function refusalOf(listen: (request: ListenRequest) => Promise<unknown>, given: Given): Promise<Refused> {
  const before = new Set(labProcesses())
  const refused = await listen(listening(given)).then(
    () => {
      throw new Error('it was accepted')
    },
    (error: Refused) => ({ code: error.code, data: error.data }),
  )
  await eventually('no process of it is left', () => labProcesses().every((pid) => before.has(pid)))
  return refused
}

const cases: readonly [what: string, given: Given, expected: Partial<Problem> & { code?: string }][] = [
  [
    'an address of another machine',
    { protocol: 'tcp', address: '203.0.113.9' },
    { field: 'address', cause: 'this is not an address of this machine' },
  ],
  ['an IPv6 address of another machine', { protocol: 'udp', address: '2001:db8::9' }, { field: 'address' }],
  [
    'an invalid address',
    { protocol: 'tcp', address: 'localhost' },
    { field: 'address', cause: 'this is not an IP address' },
  ],
  ['an address followed by text', { protocol: 'tcp', address: '127.0.0.1 port=1' }, { field: 'address' }],
  [
    'an unknown user',
    { protocol: 'tcp', user: 'no-such-user' },
    { field: 'user', cause: 'this machine has no such user' },
  ],
  [
    'an unknown interface',
    { protocol: 'tcp', interface: 'nowhere0' },
    { field: 'interface', cause: 'there is no such interface' },
  ],
  ['more processes than listeners', { protocol: 'tcp', listeners: 2, processes: 3 }, { field: 'processes' }],
  ['a dispatcher for datagrams', { protocol: 'udp', acceptModel: 'dispatcher' }, { field: 'acceptModel' }],
  ['DNS over TCP', { protocol: 'tcp', reply: 'dns' }, { field: 'reply' }],
  ['several without the option', { protocol: 'tcp', reuseport: false }, { field: 'reuseport' }],
  ['several UDP sockets with neither option', { protocol: 'udp', reuseport: false }, { field: 'reuseport' }],
  ['steering of one socket', { protocol: 'tcp', acceptModel: 'shared', steering: 'random' }, { field: 'steering' }],
  [
    'a missing member',
    { protocol: 'tcp', steering: 'member', steerTo: 4 },
    { field: 'steerTo', cause: 'there is no member 5' },
  ],
]

describe('refused with a message', () => {
  test.each(cases)('%s', async (_, given, { code, ...expected }) => {
    await using engine = await startTestEngine()
    const { lab } = engine.client
    const refused = await refusalOf((request) => lab.listen(request), given)
    expect(refused).toMatchObject({ code: code ?? 'UNPROCESSABLE_CONTENT', data: expected })
    expect(refused.data.hint).toMatch(/\.$/)
  })
})

describe('a port in use', () => {
  test('by an unshared socket: names its owner', async () => {
    await using engine = await startTestEngine()
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    try {
      const refused = await refusalOf((request) => engine.client.lab.listen(request), { protocol: 'tcp', port })
      expect(refused.data).toMatchObject({ field: 'port', operation: `binding tcp 127.0.0.1:${port}` })
      expect(refused.data.cause).toContain(String(process.pid))
      expect(refused.data.hint).toMatch(/another port.*bound without SO_REUSEPORT/)
      // The wildcard also receives packets to that address, and another protocol has its own ports.
      await refusalOf((request) => engine.client.lab.listen(request), { protocol: 'tcp', address: '0.0.0.0', port })
      const beside = await engine.client.lab.listen(listening({ protocol: 'udp', port }))
      expect(beside.port).toBe(port)
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  })

  test('by another user with the option: says that only one user shares', async (context) => {
    needsRoot(context)
    await using engine = await startTestEngine()
    await using stranger = await startSocketMaker({ uid: 65534 })
    const [made] = await stranger.open({ protocol: 'tcp', address: '127.0.0.1', options: ['reuseport'] })
    const port = made?.port ?? 0
    const refused = await refusalOf((request) => engine.client.lab.listen(request), { protocol: 'tcp', port })
    expect(refused.data.hint).toMatch(/same user/)
  })

  test('by the same user with the option: they join on request', async () => {
    await using engine = await startTestEngine()
    const first = await engine.client.lab.listen(listening({ protocol: 'tcp' }))
    const { data } = await refusalOf((request) => engine.client.lab.listen(request), {
      protocol: 'tcp',
      port: first.port,
    })
    expect(data).toMatchObject({ field: 'port', cause: expect.stringMatching(/would reach the test listeners/) })
    expect(data.hint).toMatch(/--join/)
    const second = await engine.client.lab.listen(listening({ protocol: 'tcp', port: first.port, join: true }))
    const { groups } = await engine.client.snapshot({ selection: { port: first.port, protocol: 'tcp', all: false } })
    expect(groups.map(({ members }) => members.length)).toEqual([first.members.length + second.members.length])
  })
})

describe('as the user nobody', () => {
  const asNobody = async (context: Parameters<typeof needsRoot>[0], work: (engine: ChildEngine) => Promise<void>) => {
    needsRoot(context)
    await using engine = await startChildEngine({ uid: 65534 })
    await work(engine)
  }
  const refused = (engine: ChildEngine, given: Given) =>
    refusalOf((request) => engine.ask('lab.listen', request), given)

  test('a privileged port', (context) =>
    asNobody(context, async (engine) => {
      const { code, data } = await refused(engine, { protocol: 'tcp', port: 80 })
      expect(code).toBe('FORBIDDEN')
      expect(data).toMatchObject({ field: 'port', cause: expect.stringMatching(/ports below \d+ are privileged/) })
      expect(data.hint).toMatch(/Use a port from \d+ on/)
    }))

  test('another user', (context) =>
    asNobody(context, async (engine) => {
      expect(await refused(engine, { protocol: 'tcp', user: 'root' })).toMatchObject({
        code: 'FORBIDDEN',
        data: { field: 'user' },
      })
    }))

  test('steering from a socket array, which loads a BPF program; the same listeners steered otherwise open', (context) =>
    asNobody(context, async (engine) => {
      expect(await refused(engine, { protocol: 'tcp', steering: 'sock-array' })).toMatchObject({
        code: 'FORBIDDEN',
        data: { field: 'steering', cause: expect.stringContaining('CAP_BPF'), hint: expect.stringContaining('root') },
      })
      await engine.ask('lab.listen', listening({ protocol: 'tcp', steering: 'source-port' }))
    }))

  test("its own labs work, and root's are not among them", (context) =>
    asNobody(context, async (engine) => {
      await using roots = await startTestEngine()
      const theirs = await roots.client.lab.listen(listening({ protocol: 'tcp' }))
      const { id, members } = (await engine.ask('lab.listen', listening({ protocol: 'tcp' }))) as {
        id: string
        members: { uid: number }[]
      }
      expect(members.map(({ uid }) => uid)).toEqual([65534, 65534, 65534, 65534])
      const { labs } = (await engine.ask('lab.changes', {})) as { labs: { id: string }[] }
      expect(labs.map((lab) => lab.id)).toEqual([id])
      await expect(engine.ask('lab.stop', { id: theirs.id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await engine.ask('lab.stop', { id })
    }))
})

test('as root for another user: a privileged port is refused, an unprivileged one opens', async (context) => {
  needsRoot(context)
  await using engine = await startTestEngine()
  const refused = await refusalOf((request) => engine.client.lab.listen(request), {
    protocol: 'tcp',
    port: 79,
    user: '65534',
  })
  expect(refused).toMatchObject({
    code: 'FORBIDDEN',
    data: { field: 'port', cause: expect.stringMatching(/uid 65534/) },
  })
  const lab = await engine.client.lab.listen(listening({ protocol: 'tcp', user: '65534' }))
  expect(lab.members.map(({ uid }) => uid)).toEqual([65534, 65534, 65534, 65534])
})

test('too many listeners for the descriptor limit', async (context) => {
  needsRoot(context)
  await using engine = await startChildEngine()
  await promisify(execFile)('prlimit', ['--pid', String(engine.pid), '--nofile=100:100'])
  const ask = (request: ListenRequest) => engine.ask('lab.listen', request)
  const { code, data } = await refusalOf(ask, { protocol: 'tcp', listeners: 40, processes: 2 })
  expect(code).toBe('UNPROCESSABLE_CONTENT')
  expect(data).toMatchObject({
    field: 'listeners',
    cause: expect.stringMatching(/need 104 descriptors, and the limit is 100/),
  })
  expect(data.hint).toBe('Use at most 36, or spread them over 3 processes, or raise the limit (ulimit -n).')
  // What it says to change is enough.
  const { id } = (await ask(listening({ protocol: 'tcp', listeners: 40, processes: 3 }))) as { id: string }
  await engine.ask('lab.stop', { id })
})

describe('traffic', () => {
  test.each([
    [{ protocol: 'tcp' }, 'dns', /listens on TCP/],
    [{ protocol: 'tcp' }, 'send', /listens on TCP/],
    [{ protocol: 'udp' }, 'hold', /listens on UDP/],
    [{ protocol: 'udp' }, 'dns', /echoes what it receives/],
    [{ protocol: 'udp', reply: 'dns' }, 'echo', /replies with DNS/],
  ] as const)('%j has no exchange %s', async (given, exchange, happened) => {
    await using engine = await startTestEngine()
    const { id } = await engine.client.lab.listen(listening(given))
    await expect(engine.client.lab.traffic(sending({ id, exchange }))).rejects.toMatchObject({
      code: 'UNPROCESSABLE_CONTENT',
      data: { field: 'exchange', cause: expect.stringMatching(happened) },
    })
  })

  test('does not go to a foreign socket with a more specific bind', async () => {
    await using engine = await startTestEngine()
    const { id, port } = await engine.client.lab.listen(
      listening({ protocol: 'udp', address: '0.0.0.0', reuseaddr: true }),
    )
    await using stranger = await startSocketMaker()
    const [closer] = await stranger.open({ protocol: 'udp', address: '127.0.0.1', port, options: ['reuseaddr'] })
    await expect(engine.client.lab.traffic(sending({ id }))).rejects.toMatchObject({
      data: {
        cause: expect.stringContaining(`cookie ${closer?.cookie}`),
        hint: expect.stringMatching(/Nothing was sent/),
      },
    })
  })

  test('cannot name an address, and an unknown lab is not found', async () => {
    await using engine = await startTestEngine()
    const request = { ...sending({ id: '00000000' }), address: '192.0.2.1', port: 80 }
    await expect(engine.client.lab.traffic(request)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
