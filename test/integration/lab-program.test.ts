/** The lab program over its protocol: options seen from outside, exact counts, its members and their steering. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { describe, expect, test } from 'vitest'
import { needsBpf } from './support/bpf-reader.ts'
import { eventually, needsRoot } from './support/conditions.ts'
import { hasControlSocket, readOptions, received, socketsOf, startLabProgram, sum } from './support/lab-program.ts'

describe('options, seen on the sockets from outside', () => {
  test('the defaults: only requested options are set', async () => {
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

  test('everything at once, in two processes of another user', async (context) => {
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
    // The newest receives everything.
    const { workers } = await lab.traffic('count=300')
    expect(workers.map((worker) => worker.received)).toEqual([0, 0, 300])
  })

  test('one listener is one socket, which every process holds', async () => {
    await using lab = startLabProgram()
    const status = await lab.listen('protocol=tcp address=127.0.0.1 listeners=4 processes=2 accept_model=shared')
    expect(status.members).toHaveLength(1)
    expect(status.workers).toHaveLength(4)
    const [member] = status.members
    if (!member) throw new Error('there is no member')
    for (const option of await readOptions(status.pids.map((pid) => ({ ...member, pid }))))
      expect(option?.cookie).toBe(member.cookie)
    // The supervisor has closed it.
    expect(await readOptions([{ ...member, pid: status.supervisor }])).toEqual([null])
  })

  test('a thousand listeners in eight processes listen', async () => {
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
    'accept_model=reuseport processes=2',
    'accept_model=shared wait_strategy=accept processes=2',
    'accept_model=shared wait_strategy=epoll processes=2',
    'accept_model=shared wait_strategy=epoll-exclusive processes=2',
    'accept_model=dispatcher processes=1',
    'accept_model=dispatcher processes=2',
  ])('TCP, %s', async (taking) => {
    await using lab = startLabProgram()
    await lab.listen(`protocol=tcp address=127.0.0.1 listeners=4 ${taking}`)
    const { traffic, workers } = await lab.traffic('count=5000')
    expect(traffic).toMatchObject({ sent: 5000, done: 5000, samples: 5000, failed: false })
    expect(sum(workers.map((worker) => worker.received))).toBe(5000)
    if (taking.startsWith('accept_model=dispatcher'))
      expect(received(await lab.status())).toEqual([1250, 1250, 1250, 1250])
  })

  test.each(['127.0.0.1', '0.0.0.0', '::1', '::'])('connections closed at once, and held, at %s', async (address) => {
    await using lab = startLabProgram()
    await lab.listen(`protocol=tcp address=${address} listeners=3`)
    const closed = await lab.traffic('count=2000 exchange=close')
    expect(closed.traffic).toMatchObject({ sent: 2000, done: 2000 })
    // They are complete for the client while they are queued.
    await eventually('all are accepted', async () => sum(received(await lab.status())) === 2000)

    await lab.ask('traffic count=500 exchange=hold seconds=60')
    const held = await eventually('all are held and counted at both ends', async () => {
      const status = await lab.status()
      return sum(received(status)) === 2500 && status.traffic?.samples === 500 ? status : null
    })
    expect(held.traffic).toMatchObject({ sent: 500, done: 0, samples: 500, endedAt: null })
    expect(await lab.ask('traffic-stop')).toMatchObject({ traffic: { sent: 500, done: 500, failed: false } })
  })

  test.each(['echo', 'dns'])('UDP, %s: a client reaches the same member with every datagram', async (answer) => {
    await using lab = startLabProgram()
    await lab.listen(`protocol=udp address=127.0.0.1 listeners=4 processes=2 reply=${answer}`)
    const { traffic, workers } = await lab.traffic(`count=8000 flows=500 exchange=${answer}`)
    expect(traffic).toMatchObject({ sent: 8000, done: 8000, samples: 8000, moved: 0 })
    expect(sum(workers.map((worker) => worker.received))).toBe(8000)
  })

  test('every datagram is received or counted as dropped by the kernel', async () => {
    await using lab = startLabProgram()
    const status = await lab.listen(
      'protocol=udp address=127.0.0.1 listeners=2 rcvbuf=4096 accept_behavior=slow delay_us=2000',
    )
    await lab.traffic('count=2000 exchange=send')
    const dropped = async () => sum((await socketsOf(status)).map((socket) => socket.drops))
    // A datagram is counted a moment after it leaves a queue.
    await eventually('each is counted', async () => sum(received(await lab.status())) + (await dropped()) === 2000)
    expect(await dropped()).toBeGreaterThan(0)
  })

  test('more clients than descriptors', async () => {
    await using lab = startLabProgram()
    await lab.listen('protocol=udp address=127.0.0.1 listeners=2')
    const { traffic } = await lab.traffic('count=40000 flows=40000')
    expect(traffic).toMatchObject({ sent: 40_000, done: 40_000, moved: 0 })
  })

  test('latencies arrive in parts, one value for each exchange', async () => {
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

  test('a rate is kept on average, and the time limit ends endless traffic', async () => {
    await using lab = startLabProgram()
    await lab.listen('protocol=tcp address=127.0.0.1 accept_behavior=never')
    const { traffic } = await lab.traffic('count=1000 rate=20 seconds=1')
    expect(traffic.sent).toBeGreaterThan(0)
    expect(traffic.sent).toBeLessThanOrEqual(21)
    expect(traffic).toMatchObject({ done: 0, timeouts: traffic.sent })
  })
})

describe('members, one at a time', () => {
  test('a stalled one takes nothing, and everything queued once it resumes', async () => {
    await using lab = startLabProgram()
    const status = await lab.listen('protocol=tcp address=127.0.0.1 listeners=2 backlog=1000')
    expect(await lab.ask('stall member=1')).toMatchObject({ member: { state: 'stalled' } })
    await lab.traffic('count=400 exchange=close')
    const waiting = await eventually('the other has received its own, and the rest is queued', async () => {
      const sockets = await socketsOf(status)
      const queued = sockets.find(({ cookie }) => cookie === status.members[1]?.cookie)?.receiveQueue ?? 0
      return received(await lab.status())[0] === 400 - queued ? queued : null
    })
    expect(waiting).toBeGreaterThan(0)
    expect(received(await lab.status())[1]).toBe(0)
    expect(await lab.ask('resume member=1')).toMatchObject({ member: { state: 'normal' } })
    await eventually('it took everything queued', async () => received(await lab.status())[1] === waiting)
  })

  test.each(['accept', 'epoll', 'epoll-exclusive'])(
    'workers of a shared listener stall and resume: %s',
    async (waiting) => {
      await using lab = startLabProgram()
      await lab.listen(
        `protocol=udp address=127.0.0.1 listeners=2 processes=2 accept_model=shared wait_strategy=${waiting}`,
      )
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

  test('bind refuses another user, and a first socket without the option; the lab is unchanged', async (context) => {
    needsRoot(context)
    await using lab = startLabProgram()
    await lab.listen('protocol=tcp address=127.0.0.1 listeners=1')
    expect(await lab.refusal('add uid=65534')).toMatchObject({ call: 'bind', name: 'EADDRINUSE', at: 'member 2' })
    expect(await lab.refusal('add reuseport=0')).toMatchObject({ call: 'bind', name: 'EADDRINUSE' })
    const status = await lab.status()
    expect(status.members).toHaveLength(1)
    expect(status.pids).toHaveLength(1)
    expect((await lab.traffic('count=10')).traffic.done).toBe(10)
  })
})

describe('steering', () => {
  test('to one member, even after the kernel moves it in the array', async () => {
    await using lab = startLabProgram()
    await lab.listen('protocol=tcp address=127.0.0.1 steering=member steer_to=3')
    expect(received(await lab.traffic('count=200'))).toEqual([0, 0, 0, 200])
    // Its index in the kernel's array is now that of the one that left.
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

  test.for(['tcp', 'udp'])(
    'from a socket array over %s: keys go to the first members, and free ones to later ones',
    async (protocol, context) => {
      needsRoot(context)
      needsBpf(context)
      await using lab = startLabProgram()
      await lab.listen(`protocol=${protocol} address=127.0.0.1 listeners=3 processes=2 steering=sock-array`)
      const reached = (counts: readonly number[]) => counts.map((count) => count > 0)
      const all = async () => received(await lab.traffic('count=600 flows=600'))
      expect(reached(await all())).toEqual([true, true, true])
      await lab.ask('add')
      expect((await all()).at(3)).toBe(0)
      // Nothing stands under its key now: the hash picks among all.
      await lab.ask('close member=0')
      const [first, ...others] = await all()
      expect(reached(others)).toEqual([true, true, true])
      await lab.ask('add')
      const last = await all()
      expect(last[0]).toBe(first)
      expect(last[3]).toBe(others[2])
      expect(last[4]).toBeGreaterThan(0)
    },
  )

  test('at random: one client reaches several members', async () => {
    await using lab = startLabProgram()
    await lab.listen('protocol=udp address=127.0.0.1 listeners=4 steering=random')
    const { traffic } = await lab.traffic('count=400 flows=4')
    expect(traffic).toMatchObject({ done: 400, moved: 4 })
  })
})
