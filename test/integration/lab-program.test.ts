/** The lab program over its protocol: options seen from outside, counts against truth, and nothing left of what is killed. */
import { execFile, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { eventually, needsRoot } from './support/conditions.ts'
import {
  hasControlSocket,
  labProgram,
  lives,
  type ProgramStatus,
  readOptions,
  received,
  startLabProgram,
  sum,
} from './support/lab-program.ts'
import { startSocketMaker } from './support/socket-maker.ts'
import { readSs } from './support/ss.ts'

const run = promisify(execFile)

const socketsOf = async (status: ProgramStatus) =>
  (await readSs(null)).filter((socket) => status.members.some((member) => member.cookie === socket.cookie))

describe('options, seen on the sockets from outside', () => {
  test('the defaults: what was not asked for is not set', async () => {
    await using lab = startLabProgram()
    const status = await lab.listen('protocol=tcp address=127.0.0.1')
    expect(status.members).toHaveLength(4)
    const options = await readOptions(status.members)
    expect(options).toHaveLength(4)
    for (const [index, option] of options.entries())
      expect(option).toMatchObject({
        cookie: status.members[index]?.cookie,
        type: 'tcp',
        listening: true,
        reuseport: true,
        reuseaddr: false,
        interface: null,
        incomingCpu: -1,
        v6only: null,
        address: '127.0.0.1',
        port: status.port,
      })
    for (const socket of await socketsOf(status)) expect(socket.sendQueue).toBe(128)
    expect(hasControlSocket(lab.id)).toBe(true)
  })

  test('everything at once, over two processes of another user', async (context) => {
    needsRoot(context)
    await using lab = startLabProgram()
    const status = await lab.listen(
      'protocol=tcp address=127.0.0.1 listeners=5 processes=2 uid=65534 gid=65534 reuseaddr=1 device=lo incoming_cpu=1 backlog=9 rcvbuf=40000',
    )
    expect(status.pids).toHaveLength(2)
    expect(new Set(status.members.map((member) => member.pid))).toEqual(new Set(status.pids))
    const options = await readOptions(status.members)
    expect(options).toHaveLength(5)
    for (const [index, option] of options.entries())
      expect(option).toMatchObject({
        reuseport: true,
        reuseaddr: true,
        interface: 'lo',
        incomingCpu: index % cpus().length,
        receiveBuffer: 80_000,
      })
    const sockets = await socketsOf(status)
    expect(sockets).toHaveLength(5)
    for (const socket of sockets) expect(socket).toMatchObject({ uid: 65534, sendQueue: 9, interface: 'lo' })
    for (const pid of status.pids)
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Uid:\t65534\t65534\t65534\t65534\n/m)
  })

  test.each([0, 1])('IPV6_V6ONLY %i', async (v6only) => {
    await using lab = startLabProgram()
    const status = await lab.listen(`protocol=udp address=:: listeners=2 v6only=${v6only}`)
    for (const option of await readOptions(status.members))
      expect(option).toMatchObject({ type: 'udp', v6only: v6only === 1, address: '::' })
  })

  test('UDP sockets that share by SO_REUSEADDR alone', async () => {
    await using lab = startLabProgram()
    const status = await lab.listen('protocol=udp address=127.0.0.1 listeners=3 reuseport=0 reuseaddr=1')
    for (const option of await readOptions(status.members))
      expect(option).toMatchObject({ reuseport: false, reuseaddr: true })
    // The newest takes all.
    const { workers } = await lab.traffic('count=300')
    expect(workers.map((worker) => worker.received)).toEqual([0, 0, 300])
  })

  test('one listener is one socket, which every process holds', async () => {
    await using lab = startLabProgram()
    const status = await lab.listen('protocol=tcp address=127.0.0.1 listeners=4 processes=2 taking=shared')
    expect(status.members).toHaveLength(1)
    expect(status.workers).toHaveLength(4)
    const [member] = status.members
    if (!member) throw new Error('there is no member')
    for (const option of await readOptions(status.pids.map((pid) => ({ ...member, pid }))))
      expect(option?.cookie).toBe(member.cookie)
    // The supervisor has let go of it.
    expect(await readOptions([{ ...member, pid: status.supervisor }])).toEqual([null])
  })

  test('a thousand listeners over eight processes stand', async () => {
    await using lab = startLabProgram()
    const status = await lab.listen('protocol=tcp address=127.0.0.1 listeners=1000 processes=8')
    expect(status.pids).toHaveLength(8)
    expect(await socketsOf(status)).toHaveLength(1000)
    const after = await lab.traffic('count=5000')
    expect(sum(received(after))).toBe(5000)
  })
})

describe('counts, to the last one', () => {
  test.each([
    'taking=reuseport processes=2',
    'taking=shared waiting=accept processes=2',
    'taking=shared waiting=epoll processes=2',
    'taking=shared waiting=epoll-exclusive processes=2',
    'taking=dispatcher processes=1',
    'taking=dispatcher processes=2',
  ])('TCP, %s', async (taking) => {
    await using lab = startLabProgram()
    await lab.listen(`protocol=tcp address=127.0.0.1 listeners=4 ${taking}`)
    const { traffic, workers } = await lab.traffic('count=5000')
    expect(traffic).toMatchObject({ sent: 5000, done: 5000, samples: 5000, failed: false })
    expect(sum(workers.map((worker) => worker.received))).toBe(5000)
    if (taking.startsWith('taking=dispatcher')) expect(received(await lab.status())).toEqual([1250, 1250, 1250, 1250])
  })

  test.each(['127.0.0.1', '0.0.0.0', '::1', '::'])(
    'connections that are closed at once, and held, at %s',
    async (address) => {
      await using lab = startLabProgram()
      await lab.listen(`protocol=tcp address=${address} listeners=3`)
      const closed = await lab.traffic('count=2000 exchange=close')
      expect(closed.traffic).toMatchObject({ sent: 2000, done: 2000 })
      // They are done for the client while they wait to be accepted.
      await eventually('all are accepted', async () => sum(received(await lab.status())) === 2000)

      await lab.ask('traffic count=500 exchange=hold seconds=60')
      await eventually('all are held', async () => sum(received(await lab.status())) === 2500)
      const held = await lab.status()
      expect(held.traffic).toMatchObject({ sent: 500, done: 0, samples: 500, endedAt: null })
      expect(await lab.ask('traffic-stop')).toMatchObject({ traffic: { sent: 500, done: 500, failed: false } })
    },
  )

  test.each(['echo', 'dns'])('UDP, %s: a client reaches the same member with each datagram', async (answer) => {
    await using lab = startLabProgram()
    await lab.listen(`protocol=udp address=127.0.0.1 listeners=4 processes=2 answer=${answer}`)
    const { traffic, workers } = await lab.traffic(`count=8000 flows=500 exchange=${answer}`)
    expect(traffic).toMatchObject({ sent: 8000, done: 8000, samples: 8000, moved: 0 })
    expect(sum(workers.map((worker) => worker.received))).toBe(8000)
  })

  test('every datagram is received or counted as dropped by the kernel', async () => {
    await using lab = startLabProgram()
    const status = await lab.listen('protocol=udp address=127.0.0.1 listeners=2 rcvbuf=4096 accept=slow delay_us=2000')
    await lab.traffic('count=2000 exchange=send')
    const after = await eventually('the queues are empty', async () => {
      const sockets = await socketsOf(status)
      return sockets.every((socket) => socket.receiveQueue === 0) ? lab.status() : null
    })
    const dropped = sum((await socketsOf(status)).map((socket) => socket.drops))
    expect(dropped).toBeGreaterThan(0)
    expect(sum(received(after)) + dropped).toBe(2000)
  })

  test('more clients than there are descriptors', async () => {
    await using lab = startLabProgram()
    await lab.listen('protocol=udp address=127.0.0.1 listeners=2')
    const { traffic } = await lab.traffic('count=40000 flows=40000')
    expect(traffic).toMatchObject({ sent: 40_000, done: 40_000, moved: 0 })
  })

  test('latencies come in pieces, one of each exchange', async () => {
    await using lab = startLabProgram()
    await lab.listen('protocol=udp address=127.0.0.1')
    await lab.traffic('count=70000')
    const all: number[] = []
    for (let from = 0; ; ) {
      const piece = (await lab.ask(`latencies from=${from}`)) as unknown as { next: number; data: string }
      if (piece.next === from) break
      const bytes = Buffer.from(piece.data, 'base64')
      for (let at = 0; at < bytes.length; at += 4) all.push(bytes.readUInt32LE(at))
      from = piece.next
    }
    expect(all).toHaveLength(70_000)
    expect(Math.min(...all.slice(0, 1000))).toBeGreaterThan(0)
  })

  test('a rate is kept to on the whole, and the time ends what does not end', async () => {
    await using lab = startLabProgram()
    await lab.listen('protocol=tcp address=127.0.0.1 accept=never')
    const { traffic } = await lab.traffic('count=1000 rate=20 seconds=0.5')
    expect(traffic.sent).toBeGreaterThan(0)
    expect(traffic.sent).toBeLessThanOrEqual(11)
    expect(traffic).toMatchObject({ done: 0, timeouts: traffic.sent })
  })
})

describe('members, one at a time', () => {
  test('a stalled one takes nothing, and all that waited when it goes on', async () => {
    await using lab = startLabProgram()
    const status = await lab.listen('protocol=tcp address=127.0.0.1 listeners=2 backlog=1000')
    expect(await lab.ask('stall member=1')).toMatchObject({ member: { state: 'stalled' } })
    await lab.traffic('count=400 exchange=close')
    const waiting = (await socketsOf(status)).find(
      (socket) => socket.cookie === status.members[1]?.cookie,
    )?.receiveQueue
    expect(waiting).toBeGreaterThan(0)
    await eventually(
      'the other has taken its own',
      async () => received(await lab.status())[0] === 400 - Number(waiting),
    )
    expect(received(await lab.status())[1]).toBe(0)
    expect(await lab.ask('resume member=1')).toMatchObject({ member: { state: 'normal' } })
    await eventually('it took what waited', async () => received(await lab.status())[1] === waiting)
  })

  test.each(['accept', 'epoll', 'epoll-exclusive'])(
    'workers of a shared listener rest and go on: %s',
    async (waiting) => {
      await using lab = startLabProgram()
      await lab.listen(`protocol=udp address=127.0.0.1 listeners=2 processes=2 taking=shared waiting=${waiting}`)
      await lab.ask('stall worker=0')
      expect(received(await lab.traffic('count=100'))).toEqual([0, 100])
      await lab.ask('stall worker=1')
      await lab.ask('resume worker=0')
      expect(received(await lab.traffic('count=100'))).toEqual([100, 100])
      await lab.ask('stall member=0')
      expect((await lab.traffic('count=10 timeout_ms=50')).traffic).toMatchObject({ done: 0, timeouts: 10 })
    },
  )

  test('a closed one leaves, an added one joins, and both are seen', async () => {
    await using lab = startLabProgram()
    const before = await lab.listen('protocol=tcp address=127.0.0.1 listeners=3')
    await lab.ask('close member=1')
    expect(await socketsOf(before)).toHaveLength(2)
    expect(await lab.refusal('stall member=1')).toMatchObject({ name: 'ESRCH' })
    await lab.ask('add')
    const status = await lab.status()
    expect(status.members.map((member) => member.state)).toEqual(['normal', 'closed', 'normal', 'normal'])
    expect(await socketsOf(status)).toHaveLength(3)
    const { workers } = await lab.traffic('count=3000')
    expect(workers[1]?.received).toBe(0)
    expect(workers[3]?.received).toBeGreaterThan(500)
    expect(sum(workers.map((worker) => worker.received))).toBe(3000)
  })

  test('another user, and a first socket without the option, are refused by bind; the lab stays as it was', async (context) => {
    needsRoot(context)
    await using lab = startLabProgram()
    await lab.listen('protocol=tcp address=127.0.0.1 listeners=1')
    expect(await lab.refusal('add uid=65534')).toMatchObject({ call: 'bind', name: 'EADDRINUSE', at: 'member 1' })
    expect(await lab.refusal('add reuseport=0')).toMatchObject({ call: 'bind', name: 'EADDRINUSE' })
    const status = await lab.status()
    expect(status.members).toHaveLength(1)
    expect(status.pids).toHaveLength(1)
    expect((await lab.traffic('count=10')).traffic.done).toBe(10)
  })
})

describe('steering', () => {
  test('to one member, which is followed when the kernel moves it', async () => {
    await using lab = startLabProgram()
    await lab.listen('protocol=tcp address=127.0.0.1 steering=member steered_to=3')
    expect(received(await lab.traffic('count=200'))).toEqual([0, 0, 0, 200])
    // Its place in the kernel's array is now that of the one that left.
    await lab.ask('close member=0')
    expect(received(await lab.traffic('count=200'))).toEqual([0, 0, 0, 400])
  })

  test.each(['127.0.0.1', '::'])('by source port, at %s', async (address) => {
    await using lab = startLabProgram()
    const { port } = await lab.listen(`protocol=udp address=${address} listeners=4 steering=source-port`)
    const counts = [0, 0, 0, 0]
    for (let client = 0; client < 64; client++) {
      const socket = createSocket('udp4')
      socket.connect(port, '127.0.0.1')
      await once(socket, 'connect')
      const source = socket.address().port
      counts[source % 4] = Number(counts[source % 4]) + 1
      socket.send('?')
      const [answer] = (await once(socket, 'message')) as [Buffer]
      expect(answer.toString()).toBe('?')
      socket.close()
    }
    expect(received(await lab.status())).toEqual(counts)
  })

  test('at random: one client reaches several members', async () => {
    await using lab = startLabProgram()
    await lab.listen('protocol=udp address=127.0.0.1 listeners=4 steering=random')
    const { traffic } = await lab.traffic('count=400 flows=4')
    expect(traffic).toMatchObject({ done: 400, moved: 4 })
  })
})

describe('its own namespace', () => {
  test.for([
    [0, 'resets'],
    [1, 'done'],
  ] as const)(
    'tcp_migrate_req %i there and only there: a closed member leaves %s',
    async ([migrate, outcome], context) => {
      needsRoot(context)
      const host = readFileSync('/proc/sys/net/ipv4/tcp_migrate_req', 'utf8')
      await using lab = startLabProgram()
      const status = await lab.listen(
        `protocol=tcp address=127.0.0.1 listeners=2 backlog=1000 namespace=own migrate_req=${migrate}`,
      )
      expect(status.ownNamespace).toBe(true)
      expect(readlinkSync('/proc/self/ns/net')).not.toBe(`net:[${status.netns}]`)
      for (const pid of [status.supervisor, ...status.pids])
        expect(readlinkSync(`/proc/${pid}/ns/net`)).toBe(`net:[${status.netns}]`)
      const { stdout } = await run('nsenter', [
        '-t',
        String(status.supervisor),
        '-n',
        'cat',
        '/proc/sys/net/ipv4/tcp_migrate_req',
      ])
      expect(Number(stdout)).toBe(migrate)
      expect(readFileSync('/proc/sys/net/ipv4/tcp_migrate_req', 'utf8')).toBe(host)

      await lab.ask('stall member=0')
      await lab.ask('traffic count=200 timeout_ms=60000')
      await eventually('the other has answered its own, the rest waits', async () => {
        const { traffic } = await lab.status()
        return traffic?.sent === 200 && traffic.done === received(await lab.status())[1] && traffic.done > 50
      })
      const waiting = 200 - Number((await lab.status()).traffic?.done)
      await lab.ask('close member=0')
      const { traffic } = await eventually('it ended', async () => {
        const now = await lab.status()
        return now.traffic?.endedAt ? now : null
      })
      expect(traffic).toMatchObject(
        outcome === 'resets' ? { done: 200 - waiting, resets: waiting } : { done: 200, resets: 0 },
      )
    },
  )

  test('is to be had without root, where the machine allows user namespaces', async (context) => {
    needsRoot(context)
    await using lab = startLabProgram(['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'])
    const answer = await lab.ask('listen protocol=tcp address=127.0.0.1 namespace=own migrate_req=1')
    if (answer.error?.call === 'unshare') context.skip('this machine allows no user namespaces')
    const { supervisor, netns, members } = await lab.status()
    expect(readlinkSync(`/proc/${supervisor}/ns/net`)).toBe(`net:[${netns}]`)
    expect(readlinkSync('/proc/self/ns/net')).not.toBe(`net:[${netns}]`)
    const sysctl = await run('nsenter', ['-t', String(supervisor), '-n', 'cat', '/proc/sys/net/ipv4/tcp_migrate_req'])
    expect(sysctl.stdout).toBe('1\n')
    expect(members[0]?.uid).toBe(65534)
    expect((await lab.traffic('count=100')).traffic.done).toBe(100)
  })

  test('vanishes with the lab', async (context) => {
    needsRoot(context)
    await using lab = startLabProgram()
    const { netns, supervisor } = await lab.listen('protocol=tcp address=127.0.0.1 namespace=own')
    process.kill(supervisor, 'SIGKILL')
    expect(await lab.ended).toBe('SIGKILL')
    await eventually('nobody is in it', () => !namespacesInUse().has(`net:[${netns}]`))
  })
})

describe('refusals', () => {
  test('leave nothing behind, and the lab may be asked again', async () => {
    await using maker = await startSocketMaker()
    const [taken] = await maker.open({ protocol: 'tcp', address: '127.0.0.1' })
    await using lab = startLabProgram()
    const refusals: [string, object][] = [
      [`address=127.0.0.1 port=${taken?.port}`, { call: 'bind', name: 'EADDRINUSE', at: 'member 0' }],
      ['address=192.0.2.1', { call: 'bind', name: 'EADDRNOTAVAIL' }],
      ['address=localhost', { call: 'listen', name: 'EINVAL', at: 'address' }],
      ['address=127.0.0.1 device=nonesuch0', { call: 'setsockopt SO_BINDTODEVICE', name: 'ENODEV' }],
      ['address=127.0.0.1 reuseport=0 listeners=2 processes=2', { call: 'bind', name: 'EADDRINUSE', at: 'member 1' }],
      ['address=127.0.0.1 listeners=4096 processes=1 seconds=0', { call: 'listen', name: 'EINVAL', at: 'seconds' }],
    ]
    for (const [request, refusal] of refusals) {
      expect(await lab.refusal(`listen protocol=tcp ${request}`)).toMatchObject(refusal)
      expect(childrenOf(Number(lab.child.pid))).toEqual([])
    }
    expect(await lab.refusal('status')).toMatchObject({ call: 'status', name: 'ENOTCONN' })
    expect((await lab.listen('protocol=tcp address=127.0.0.1')).members).toHaveLength(4)
    expect(await lab.refusal('listen protocol=tcp address=127.0.0.1')).toMatchObject({ name: 'EALREADY' })
  })

  test('without rights: a privileged port, and another user', async (context) => {
    needsRoot(context)
    await using lab = startLabProgram(['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'])
    expect(await lab.refusal('listen protocol=tcp address=127.0.0.1 port=80')).toMatchObject({
      call: 'bind',
      name: 'EACCES',
    })
    expect(await lab.refusal('listen protocol=tcp address=127.0.0.1 uid=0')).toMatchObject({
      name: 'EPERM',
      at: 'uid 0',
    })
    const status = await lab.listen('protocol=tcp address=127.0.0.1')
    expect(status.members[0]?.uid).toBe(65534)
    expect((await lab.traffic('count=100')).traffic.done).toBe(100)
  })

  test('more listeners than descriptors', async () => {
    await using lab = startLabProgram(['prlimit', '--nofile=200:200'])
    expect(await lab.refusal('listen protocol=tcp address=127.0.0.1 listeners=100')).toMatchObject({ name: 'EMFILE' })
    await lab.listen('protocol=tcp address=127.0.0.1 listeners=100 processes=4')
    expect(await lab.refusal('traffic exchange=hold count=1000')).toMatchObject({ name: 'EMFILE' })
  })

  test("traffic never goes to somebody else's socket", async () => {
    await using lab = startLabProgram()
    const { port } = await lab.listen('protocol=udp address=0.0.0.0')
    await using maker = await startSocketMaker()
    const [closer] = await maker.open({ protocol: 'udp', address: '127.0.0.1', port, options: ['reuseport'] })
    expect(await lab.refusal('traffic')).toMatchObject({
      call: 'oracle',
      name: 'EADDRINUSE',
      at: `cookie ${closer?.cookie}`,
    })
    if (closer) await maker.close(closer)
    expect((await lab.traffic('count=100')).traffic.done).toBe(100)
    for (const member of [0, 1, 2, 3]) await lab.ask(`close member=${member}`)
    expect(await lab.refusal('traffic')).toMatchObject({ call: 'oracle', name: 'ECONNREFUSED' })
  })
})

describe('ends', () => {
  /** A lab under load, in two processes. */
  async function busy() {
    const lab = startLabProgram()
    const status = await lab.listen('protocol=tcp address=127.0.0.1 listeners=4 processes=2')
    await lab.ask('traffic count=1000000 rate=500 seconds=600')
    const { traffic } = await eventually('it is under load', async () => {
      const now = await lab.status()
      return Number(now.traffic?.done) > 20 ? now : null
    })
    if (!traffic) throw new Error('there is no traffic')
    return { lab, status, traffic, pids: [status.supervisor, ...status.pids, traffic.pid] }
  }
  async function expectNothingLeft(id: string, pids: readonly number[], status: ProgramStatus): Promise<void> {
    await eventually('every process is gone', () => !pids.some(lives))
    await eventually('every socket is gone', async () => (await socketsOf(status)).length === 0)
    expect(hasControlSocket(id)).toBe(false)
  }

  test('in order: stop tells the last counts when nothing is left', async () => {
    const { lab, status, pids } = await busy()
    await using _ = lab
    const last = (await lab.ask('stop')) as unknown as ProgramStatus
    expect(last.traffic).toMatchObject({ done: sum(received(last)), failed: false })
    expect(await socketsOf(status)).toEqual([])
    expect(await lab.ended).toBe(0)
    await expectNothingLeft(lab.id, pids, status)
  })

  test('when standard input ends', async () => {
    const { lab, status, pids } = await busy()
    lab.child.stdin?.end()
    expect(await lab.ended).toBe(0)
    await expectNothingLeft(lab.id, pids, status)
  })

  test('at its time', async () => {
    const lab = startLabProgram()
    const status = await lab.listen('protocol=tcp address=127.0.0.1 seconds=1')
    expect(await lab.ended).toBe(0)
    await expectNothingLeft(lab.id, [status.supervisor, ...status.pids], status)
  })

  test('at its time, also where nobody reads what it says', async () => {
    const id = '0badcafe'
    const child = spawn(labProgram, [id], { stdio: ['pipe', 'pipe', 'inherit'] })
    const exit = once(child, 'exit')
    child.stdin.write('listen protocol=tcp address=127.0.0.1 listeners=1000 processes=2 seconds=1\n')
    const pids = await eventually('it stands', () => {
      const workers = childrenOf(Number(child.pid)).map(Number)
      return workers.length === 2 ? workers : null
    })
    // Each answer is longer than a pipe holds.
    child.stdin.write('status\nstatus\nstatus\n')
    expect(await exit).toEqual([null, 'SIGALRM'])
    await eventually('every process is gone', () => !pids.some(lives))
    child.stdin.destroy()
    child.stdout.destroy()
  })

  test.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)('when the supervisor gets %s', async (signal) => {
    const { lab, status, pids } = await busy()
    process.kill(status.supervisor, signal)
    expect(await lab.ended).toBe(signal)
    await expectNothingLeft(lab.id, pids, status)
  })

  test('when whoever started it is killed, also under another user', async () => {
    const uid = process.getuid?.() === 0 ? ' uid=65534' : ''
    const script = `const { spawn } = require('node:child_process')
      const lab = spawn(${JSON.stringify(labProgram)}, ['0badcafe'], { stdio: ['pipe', 'inherit', 'inherit'] })
      lab.stdin.write('listen protocol=tcp address=127.0.0.1 processes=2${uid}\\n')`
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const line = await createInterface({ input: parent.stdout })[Symbol.asyncIterator]().next()
    const status = JSON.parse(String(line.value)) as ProgramStatus
    expect(await socketsOf(status)).toHaveLength(4)
    parent.kill('SIGKILL')
    await expectNothingLeft('0badcafe', [status.supervisor, ...status.pids], status)
  })

  test('a killed worker takes its own members along, and the lab goes on; the last one ends it', async () => {
    const lab = startLabProgram()
    const status = await lab.listen('protocol=tcp address=127.0.0.1 listeners=4 processes=2')
    const [first, second] = status.pids
    process.kill(Number(first), 'SIGKILL')
    const after = await eventually('it is noticed', async () => {
      const now = await lab.status()
      return now.pids.length === 1 ? now : null
    })
    expect(after.members.map((member) => member.state)).toEqual(['failed', 'normal', 'failed', 'normal'])
    expect(await socketsOf(status)).toHaveLength(2)
    const { traffic, workers } = await lab.traffic('count=1000')
    expect(traffic).toMatchObject({ done: 1000 })
    expect(sum(workers.map((worker) => worker.received))).toBe(1000)
    await lab.ask('add')
    expect((await lab.status()).members[4]).toMatchObject({ pid: second, state: 'normal' })
    process.kill(Number(second), 'SIGKILL')
    expect(await lab.ended).toBe(1)
    await expectNothingLeft(lab.id, [status.supervisor, ...status.pids], status)
  })

  test.each(['shared', 'dispatcher'])('a killed worker of %s leaves the others at work', async (taking) => {
    await using lab = startLabProgram()
    const status = await lab.listen(`protocol=tcp address=127.0.0.1 listeners=4 processes=2 taking=${taking}`)
    process.kill(Number(status.pids[1]), 'SIGKILL')
    await eventually('it is noticed', async () => (await lab.status()).pids.length === 1)
    const { traffic, workers, members } = await lab.traffic('count=1000')
    expect(traffic.done).toBe(1000)
    expect([workers[1]?.received, workers[3]?.received]).toEqual([0, 0])
    expect(members[0]).toMatchObject({ state: 'normal', pid: status.pids[0] })
  })

  test('killed traffic is told, and more may be sent', async () => {
    const { lab, traffic } = await busy()
    await using _ = lab
    process.kill(traffic.pid, 'SIGKILL')
    await eventually('it is noticed', async () => (await lab.status()).traffic?.failed === true)
    expect((await lab.traffic('count=100')).traffic).toMatchObject({ done: 100, failed: false })
  })

  test('a worker that is stopped does not hold the end up', async () => {
    const lab = startLabProgram()
    const status = await lab.listen('protocol=tcp address=127.0.0.1 processes=2')
    process.kill(Number(status.pids[0]), 'SIGSTOP')
    lab.child.stdin?.end()
    expect(await lab.ended).toBe(0)
    await expectNothingLeft(lab.id, [status.supervisor, ...status.pids], status)
  })
})

describe('the control socket', () => {
  test('takes the same requests, of the same user', async () => {
    await using lab = startLabProgram()
    const { port } = await lab.listen('protocol=tcp address=127.0.0.1')
    const socket = connect(`\0reuseport-inspector/lab/${process.getuid?.()}/${lab.id}`)
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
    socket.write('status\nnonsense\n')
    expect(JSON.parse(String((await lines.next()).value))).toMatchObject({ id: lab.id, port })
    expect(JSON.parse(String((await lines.next()).value))).toMatchObject({ error: { name: 'EINVAL' } })
    socket.write('stop\n')
    expect(JSON.parse(String((await lines.next()).value))).toMatchObject({ port })
    expect(await lab.ended).toBe(0)
    socket.destroy()
  })

  test('turns another user away', async (context) => {
    needsRoot(context)
    await using lab = startLabProgram()
    await lab.listen('protocol=tcp address=127.0.0.1')
    const ask = `import socket
s = socket.socket(socket.AF_UNIX)
s.connect("\\0reuseport-inspector/lab/0/${lab.id}")
try:
    s.sendall(b"stop\\n")
    print(s.recv(100))
except OSError:
    print(b"")`
    const { stdout } = await run('setpriv', ['--reuid', '65534', '--clear-groups', '/usr/bin/python3', '-c', ask])
    expect(stdout.trim()).toBe("b''")
    expect((await lab.status()).members).toHaveLength(4)
  })
})

function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
}

function namespacesInUse(): Set<string> {
  const used = new Set<string>()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      used.add(readlinkSync(`/proc/${pid}/ns/net`))
    } catch {
      // It ended, or is not ours to look at.
    }
  }
  return used
}
